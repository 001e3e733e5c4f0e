{#- The coming seven days, and the one that is under way. -#}
{%- set jours_a_venir = 8 -%}
with

bornes as (

    select
        min(premier_jour) as premier,
        {{ jour_plus('max(dernier_jour)', jours_a_venir) }} as dernier
    from {{ ref('int_prevision_lectures_mois') }}

),

jours as (

    select dates.*
    from {{ ref('dim_date') }} as dates
    inner join bornes on dates.date between bornes.premier and bornes.dernier

),

regions as (

    select distinct code_territoire as code_region
    from {{ ref('int_prevision_lectures_mois') }}
    where maille = 'region'

),

vacances as (

    select
        jours.date,
        pont.code_region as code_territoire,
        {{ somme("pont.part_population
            * case
                when pont.zone_scolaire = 'A' and jours.est_vacances_zone_a then 1
                when pont.zone_scolaire = 'B' and jours.est_vacances_zone_b then 1
                when pont.zone_scolaire = 'C' and jours.est_vacances_zone_c then 1
                else 0
            end", 'pont.zone_scolaire') }} as part_vacances_scolaires
    from jours
    inner join {{ ref('pont_region_zone_scolaire') }} as pont
        on jours.date >= pont.valide_du and (pont.valide_au is null or jours.date <= pont.valide_au)
    group by jours.date, pont.code_region
    union all
    select
        date,
        'FR' as code_territoire,
        (
            case when est_vacances_zone_a then 1e0 else 0e0 end
            + case when est_vacances_zone_b then 1e0 else 0e0 end
            + case when est_vacances_zone_c then 1e0 else 0e0 end
        ) / 3 as part_vacances_scolaires
    from jours

),

temperatures as (

    select
        code_region as code_territoire,
        date,
        temperature_min_c,
        temperature_moyenne_c,
        temperature_max_c
    from {{ ref('fct_temperature_regionale') }}
    union all
    -- France without Corsica: plain mean of the twelve regions; eleven of them are another climate.
    select
        'FR' as code_territoire,
        date,
        {{ somme('temperature_min_c', 'code_region') }} / 12 as temperature_min_c,
        {{ somme('temperature_moyenne_c', 'code_region') }} / 12 as temperature_moyenne_c,
        {{ somme('temperature_max_c', 'code_region') }} / 12 as temperature_max_c
    from {{ ref('fct_temperature_regionale') }}
    where code_region <> '94'
    group by date
    having count(temperature_min_c) = 12 and count(temperature_moyenne_c) = 12 and count(temperature_max_c) = 12

),

territoires as (

    select
        'nation' as maille,
        'FR' as code_territoire
    union all
    select
        'region' as maille,
        code_region as code_territoire
    from regions

),

final as (

    select
        territoires.maille,
        territoires.code_territoire,
        jours.date,
        jours.jour_de_semaine,
        jours.type_jour,
        jours.saison,
        jours.est_ferie,
        jours.est_pont,
        vacances.part_vacances_scolaires,
        temperatures.temperature_min_c,
        temperatures.temperature_moyenne_c,
        temperatures.temperature_max_c
    from territoires
    cross join jours
    left join vacances on territoires.code_territoire = vacances.code_territoire and jours.date = vacances.date
    left join temperatures
        on territoires.code_territoire = temperatures.code_territoire and jours.date = temperatures.date

)

select * from final
