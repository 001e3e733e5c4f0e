{#- When not to trust a figure (docs/methods/thermosensibilite.md): fewer days than half a year, or fewer cold days
    than a month. Below thirty days an error means nothing, and no figure is given. -#}
{%- set jours_au_moins, jours_froids_au_moins, jours_pour_une_erreur = 180, 30, 30 -%}
{#- Of the 212 days from October to April, at most 21 are missing in a year whose month ends the publisher leaves
    out (seven, each with three smoothed days): below this the heating season is incomplete and its slope not
    comparable. -#}
{%- set jours_de_la_saison_au_moins = 180 -%}
{#- Ends of the grid of thresholds (°C): a threshold there was not chosen by the data. -#}
{%- set bords_de_la_grille = (10, 20) -%}
{%- set mesures = [
    'puissance_moyenne_mw',
    'gradient_chauffage_ic95_bas_mw_par_c',
    'gradient_chauffage_ic95_haut_mw_par_c',
    'gradient_chauffage_erreur_type_mw_par_c',
    'gradient_climatisation_ic95_bas_mw_par_c',
    'gradient_climatisation_ic95_haut_mw_par_c',
    'r2',
    'cvrmse_pct',
    'correlation_residus',
] -%}
{%- set cle = ['maille', 'code_territoire', 'energie', 'periode'] -%}
with

territoires as (

    select
        'region' as maille,
        code_region as code_territoire,
        nom_region as nom_territoire
    from {{ ref('dim_region') }}
    where est_dans_perimetre_rte

    union all

    select
        'nation' as maille,
        'FR' as code_territoire,
        'France' as nom_territoire

),

jours as (

    select
        maille,
        code_territoire,
        energie,
        'ensemble' as periode,
        date,
        temperature_mc,
        puissance_kw
    from {{ ref('int_thermosensibilite_jours') }}

    union all

    select
        maille,
        code_territoire,
        energie,
        annee_de_chauffe as periode,
        date,
        temperature_mc,
        puissance_kw
    from {{ ref('int_thermosensibilite_jours') }}

),

comptes as (

    select
        {{ cle | join(', ') }},
        min(date) as debut,
        max(date) as fin,
        count(*) as nombre_jours,
        count(*) filter (where extract(month from date) not between 5 and 9) as nombre_jours_de_la_saison,
        min(temperature_mc) = max(temperature_mc) as est_temperature_constante,
        min(puissance_kw) = max(puissance_kw) as est_puissance_constante
    from jours
    group by {{ cle | join(', ') }}

),

-- The overall period has a row even where nothing is known.
attendus as (

    {%- for energie in ['electricite', 'gaz'] %}
    select
        maille,
        code_territoire,
        '{{ energie }}' as energie,
        'ensemble' as periode
    from territoires
    union
    {%- endfor %}
    select {{ cle | join(', ') }}
    from comptes

),

-- Slopes in closed form at the thresholds that the data chose, with the errors of the same regression in statsmodels.
estimations as (

    select
        {%- for colonne in cle + ['modele'] %}
        robustes.{{ colonne }},
        {%- endfor %}
        {%- for colonne in mesures %}
        robustes.{{ colonne }},
        {%- endfor %}
        seuils.gradient_chauffage_mw_par_c,
        seuils.gradient_climatisation_mw_par_c,
        seuils.nombre_jours_sous_seuil,
        seuils.seuil_chauffage_mc / 1e3 as seuil_chauffage_c,
        seuils.seuil_climatisation_mc / 1e3 as seuil_climatisation_c
    from {{ ref('int_thermosensibilite_robuste') }} as robustes
    inner join {{ ref('int_thermosensibilite_seuils') }} as seuils
        on
            {{ egales('robustes', 'seuils', cle) }}
            and robustes.modele = seuils.modele

),

motives as (

    select
        attendus.maille,
        attendus.code_territoire,
        territoires.nom_territoire,
        attendus.energie,
        attendus.periode,
        comptes.debut,
        comptes.fin,
        coalesce(comptes.nombre_jours, 0) as nombre_jours,
        {%- for colonne in mesures %}
        estimations.{{ colonne }},
        {%- endfor %}
        estimations.gradient_chauffage_mw_par_c,
        estimations.gradient_climatisation_mw_par_c,
        estimations.nombre_jours_sous_seuil,
        estimations.seuil_chauffage_c,
        estimations.seuil_climatisation_c,
        logements.nombre_logements,
        case
            when comptes.nombre_jours is null then 'aucun jour complet avec sa température'
            when comptes.nombre_jours < {{ jours_pour_une_erreur }}
                then 'moins de {{ jours_pour_une_erreur }} jours'
            when comptes.est_puissance_constante then 'consommation constante'
            when comptes.est_temperature_constante then 'température constante'
            when estimations.modele is null then 'aucun seuil ne sépare des jours comparables'
            else nullif(concat_ws(
                ' ; ',
                case
                    when comptes.nombre_jours < {{ jours_au_moins }}
                        then 'moins de {{ jours_au_moins }} jours'
                end,
                case
                    when
                        attendus.periode <> 'ensemble'
                        and comptes.nombre_jours_de_la_saison < {{ jours_de_la_saison_au_moins }}
                        then 'saison de chauffe incomplète'
                end,
                case
                    when estimations.nombre_jours_sous_seuil < {{ jours_froids_au_moins }}
                        then 'moins de {{ jours_froids_au_moins }} jours sous le seuil'
                end,
                case
                    when estimations.gradient_chauffage_ic95_bas_mw_par_c <= 0
                        then 'gradient non supérieur à zéro à 95 %'
                end,
                case
                    when estimations.seuil_chauffage_c in {{ bords_de_la_grille }}
                        then 'seuil au bord de la grille'
                end
            ), '')
        end as motif
    from attendus
    inner join territoires
        on attendus.maille = territoires.maille and attendus.code_territoire = territoires.code_territoire
    left join comptes
        on {{ egales('attendus', 'comptes', cle) }}
    left join estimations
        on {{ egales('attendus', 'estimations', cle) }}
    left join {{ ref('int_logements_par_territoire') }} as logements
        on attendus.maille = logements.maille and attendus.code_territoire = logements.code_territoire

),

final as (

    select
        maille,
        code_territoire,
        nom_territoire,
        energie,
        periode,
        debut,
        fin,
        cast(seuil_chauffage_c as double) as seuil_chauffage_c,
        cast(seuil_climatisation_c as double) as seuil_climatisation_c,
        gradient_chauffage_mw_par_c,
        gradient_chauffage_ic95_bas_mw_par_c,
        gradient_chauffage_ic95_haut_mw_par_c,
        gradient_chauffage_erreur_type_mw_par_c,
        100 * gradient_chauffage_mw_par_c / nullif(puissance_moyenne_mw, 0) as gradient_chauffage_pct_par_c,
        24000 * gradient_chauffage_mw_par_c / nullif(nombre_logements, 0) as gradient_chauffage_kwh_jour_c_logement,
        gradient_climatisation_mw_par_c,
        gradient_climatisation_ic95_bas_mw_par_c,
        gradient_climatisation_ic95_haut_mw_par_c,
        puissance_moyenne_mw,
        r2,
        cvrmse_pct,
        cast(nombre_jours as integer) as nombre_jours,
        cast(nombre_jours_sous_seuil as integer) as nombre_jours_sous_seuil,
        correlation_residus,
        motif is null as est_fiable,
        motif
    from motives

)

select * from final
