{{ config(materialized='table') }}
with

dates as (

    select
        date,
        annee,
        mois_de_annee,
        nombre_heures,
        case when est_pont then 'pont' else type_jour end as type_jour,
        -- How many of the three school zones are on holiday; unknown as soon as one of them is.
        case when est_vacances_zone_a then 1 when not est_vacances_zone_a then 0 end
        + case when est_vacances_zone_b then 1 when not est_vacances_zone_b then 0 end
        + case when est_vacances_zone_c then 1 when not est_vacances_zone_c then 0 end as zones_en_vacances
    from {{ ref('dim_date') }}

),

regions as (

    select code_region
    from {{ ref('dim_region') }}
    where est_dans_perimetre_rte

),

temperatures as (

    select
        'region' as maille,
        code_region as code_territoire,
        date,
        temperature_moyenne_c
    from {{ ref('fct_temperature_regionale') }}

    union all

    -- Plain mean of the thirteen régions, without weights, and only when all of them are there.
    select
        'nation' as maille,
        'FR' as code_territoire,
        date,
        {{ somme('temperature_moyenne_c') }} / count(temperature_moyenne_c)
            as temperature_moyenne_c
    from {{ ref('fct_temperature_regionale') }}
    group by date
    having count(temperature_moyenne_c) = 13

),

-- Walls keep the cold: 0.6, 0.3 and 0.1 fit better than the day alone (docs/methods/thermosensibilite.md).
lissees as (

    select
        jour.maille,
        jour.code_territoire,
        jour.date,
        0.6 * jour.temperature_moyenne_c
        + 0.3 * veille.temperature_moyenne_c
        + 0.1 * avant_veille.temperature_moyenne_c as temperature_lissee_c
    from temperatures as jour
    inner join temperatures as veille
        on
            jour.maille = veille.maille
            and jour.code_territoire = veille.code_territoire
            and jour.date = {{ jour_plus('veille.date', 1) }}
    inner join temperatures as avant_veille
        on
            jour.maille = avant_veille.maille
            and jour.code_territoire = avant_veille.code_territoire
            and jour.date = {{ jour_plus('avant_veille.date', 2) }}

),

-- In a fixed order: the last digits of a sum of doubles depend on it, and equal content must stay equal. Doubtful
-- days are left out.
nationales as (

    select
        date_locale as date,
        {{ somme('energie_electricite_mwh') }} as electricite_mwh,
        {{ somme('energie_gaz_mwh') }} as gaz_mwh
    from {{ ref('fct_consommation_nationale') }}
    group by date_locale
    having count(*) filter (where est_douteux) = 0

),

consommations as (

    select
        'region' as maille,
        jours.code_region as code_territoire,
        jours.date,
        case when jours.est_complet_electricite then jours.consommation_electricite_mwh end as electricite_mwh,
        case when jours.est_complet_gaz then jours.consommation_gaz_mwh end as gaz_mwh,
        -- A share of the inhabitants: 0 or 1 except before 2015, when the larger part decides.
        case when jours.part_vacances_scolaires >= 0.5 then 1 when jours.part_vacances_scolaires < 0.5 then 0 end
            as vacances
    from {{ ref('mart_conso_quotidienne_region') }} as jours
    inner join regions on jours.code_region = regions.code_region
    where jours.est_douteux is not true

    union all

    select
        'nation' as maille,
        'FR' as code_territoire,
        nationales.date,
        case when completude.est_complet_electricite then nationales.electricite_mwh end as electricite_mwh,
        case when completude.est_complet_gaz then nationales.gaz_mwh end as gaz_mwh,
        dates.zones_en_vacances as vacances
    from nationales
    inner join dates on nationales.date = dates.date
    inner join {{ ref('mart_completude_jour') }} as completude
        on nationales.date = completude.date and completude.jeu = 'consommation_nationale'

),

energies as (

    {%- for energie in ['electricite', 'gaz'] %}
    select
        maille,
        code_territoire,
        '{{ energie }}' as energie,
        date,
        {{ energie }}_mwh as energie_mwh,
        vacances
    from consommations
    where {{ energie }}_mwh is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- Whole kilowatts and thousandths of a degree: sums of whole numbers are exact in any order.
final as (

    select
        energies.maille,
        energies.code_territoire,
        energies.energie,
        energies.date,
        dates.annee,
        cast(dates.annee - case when dates.mois_de_annee < 7 then 1 else 0 end as string)
        || '-'
        || cast(dates.annee + case when dates.mois_de_annee < 7 then 0 else 1 end as string) as annee_de_chauffe,
        dates.type_jour || ' ' || coalesce(cast(energies.vacances as string), 'inconnu') as groupe,
        cast(round(1000 * lissees.temperature_lissee_c) as bigint) as temperature_mc,
        cast(round(1000 * energies.energie_mwh / dates.nombre_heures) as bigint) as puissance_kw,
        dates.nombre_heures
    from energies
    inner join dates on energies.date = dates.date
    inner join lissees
        on
            energies.maille = lissees.maille
            and energies.code_territoire = lissees.code_territoire
            and energies.date = lissees.date
    where lissees.temperature_lissee_c is not null

)

select * from final
