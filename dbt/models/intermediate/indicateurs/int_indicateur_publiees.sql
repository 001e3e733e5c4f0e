{#- One SELECT for each quantity, at the grains at which a source publishes it and no other. -#}
{%- set decoupages = [
    ('logements', ref('fct_logement'), "categorie_logement <> 'hors logement ordinaire'", 'categorie_logement'),
    ('residences_principales', 'residences', 'true', 'type_logement'),
    ('residences_principales_par_surface', 'residences', 'true', 'classe_surface'),
] -%}
with

consommations as (

    select
        'consommation_' || energie || '_mwh' as mesure,
        maille,
        code_territoire,
        annee,
        code_secteur as sous_champ,
        energie_mwh as valeur,
        est_secret,
        est_secret or nombre_lignes_sans_valeur > 0 as est_incomplet
    from {{ ref('fct_consommation_annuelle') }}
    -- The publisher sums communes into EPCI as well; here an EPCI is summed by the same rule as any other quantity.
    where maille <> 'epci'

),

consommations_ensemble as (

    select
        mesure,
        maille,
        code_territoire,
        annee,
        cast(null as string) as sous_champ,
        -- A total with a withheld sector is withheld: a share of it would be wrong, and nobody could see it.
        case when count(valeur) = count(*) then {{ somme_exacte('valeur') }} end as valeur,
        max(case when est_secret then 1 else 0 end) = 1 as est_secret,
        max(case when est_incomplet then 1 else 0 end) = 1 as est_incomplet
    from consommations
    group by mesure, maille, code_territoire, annee

),

-- Two breakdowns of the same homes.
residences as (

    select
        code_commune,
        annee,
        type_logement,
        classe_surface,
        nombre_logements
    from {{ ref('fct_logement') }}
    where categorie_logement = 'résidence principale'

),

recenses as (

    select distinct
        code_commune,
        annee
    from {{ ref('fct_logement') }}

),

parties as (

    {% for mesure, source, condition, partie in decoupages -%}
    select distinct
        '{{ mesure }}' as mesure,
        {{ partie }} as partie
    from {{ source }}
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

productions as (

    select
        code_region,
        annee,
        filiere,
        energie_renouvelable_mwh
    from {{ ref('fct_production_annuelle') }}
    where energie = 'electricite' and energie_renouvelable_mwh is not null

),

final as (

    select
        'population' as famille,
        'population_hab' as mesure,
        maille,
        code_territoire,
        annee,
        cast(null as string) as sous_champ,
        cast(population_municipale_hab as double) as valeur,
        false as est_secret,
        false as est_incomplet
    from {{ ref('fct_population') }}
    where maille <> 'nation'

    union all

    select
        'consommation_annuelle' as famille,
        *
    from consommations

    union all

    select
        'consommation_annuelle' as famille,
        *
    from consommations_ensemble

    {% for mesure, source, condition, partie in decoupages -%}
    union all

    -- In a commune that the census covers, a missing kind of home counts zero.
    select
        'recensement' as famille,
        '{{ mesure }}' as mesure,
        'commune' as maille,
        communes.code_commune as code_territoire,
        communes.annee,
        parties.partie as sous_champ,
        coalesce({{ somme_exacte('logements.nombre_logements') }}, 0) as valeur,
        false as est_secret,
        false as est_incomplet
    from recenses as communes
    inner join parties on parties.mesure = '{{ mesure }}'
    left join {{ source }} as logements
        on
            communes.code_commune = logements.code_commune
            and communes.annee = logements.annee
            and parties.partie = logements.{{ partie }}
    group by communes.code_commune, communes.annee, parties.partie

    {% endfor -%}

    {% for mesure, source, condition in [
        ('logements', ref('fct_logement'), "categorie_logement <> 'hors logement ordinaire'"),
        ('residences_principales', 'residences', 'true'),
    ] -%}
    union all

    select
        'recensement' as famille,
        '{{ mesure }}' as mesure,
        'commune' as maille,
        code_commune as code_territoire,
        annee,
        cast(null as string) as sous_champ,
        coalesce({{ somme_exacte('nombre_logements', condition) }}, 0) as valeur,
        false as est_secret,
        false as est_incomplet
    from {{ source }}
    group by code_commune, annee

    {% endfor -%}

    {% for partie in ['filiere', 'cast(null as string)'] -%}
    union all

    select
        'production_annuelle' as famille,
        'production_renouvelable_mwh' as mesure,
        'region' as maille,
        code_region as code_territoire,
        annee,
        {{ partie }} as sous_champ,
        {{ somme_exacte('energie_renouvelable_mwh') }} as valeur,
        false as est_secret,
        false as est_incomplet
    from productions
    group by code_region, annee, {{ partie }}

    {% endfor -%}

    union all

    select
        'chauffage' as famille,
        'part_chauffage_electrique_pct' as mesure,
        maille,
        code_territoire,
        annee,
        cast(null as string) as sous_champ,
        part_pct as valeur,
        false as est_secret,
        false as est_incomplet
    from {{ ref('int_indicateur_chauffage') }}

    {% for mesure, manque in [('points', 'false'), ('stations', 'a_un_point_sans_station')] -%}
    union all

    select
        'bornes' as famille,
        '{{ mesure }}_de_recharge' as mesure,
        maille,
        code_territoire,
        annee,
        cast(null as string) as sous_champ,
        cast(nombre_{{ mesure }} as double) as valeur,
        false as est_secret,
        est_incomplet or {{ manque }} as est_incomplet
    from {{ ref('int_indicateur_bornes') }}

    {% endfor -%}

    {% for mesure, valeur in [
        ('energie_thermosensible_mwh', 'energie_thermosensible_au_prorata_mwh'),
        ('degres_jours_logements', 'degres_jours_c * nombre_logements'),
    ] -%}
    union all

    select
        'thermosensibilite' as famille,
        '{{ mesure }}' as mesure,
        maille,
        code_territoire,
        annee,
        cast(null as string) as sous_champ,
        {{ valeur }} as valeur,
        consommation_residentielle_mwh is null as est_secret,
        est_minimum as est_incomplet
    from {{ ref('mart_thermosensibilite_locale') }}
    where maille <> 'epci'

    {% endfor %}
)

select * from final
