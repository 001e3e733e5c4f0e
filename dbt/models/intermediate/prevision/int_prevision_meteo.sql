{#- From the day before the issue, whose analysis is complete, to the week that is forecast. -#}
{%- set jours_avant = -1 -%}
{%- set jours_apres = 7 -%}
{#- Hours that a local day must have: 23 at the spring change. -#}
{%- set heures_au_moins = 23 -%}
with

reponses as (

    select
        code_region,
        emise_a,
        cast({{ heure_de_paris('instant_utc') }} as date) as date,
        temperature_c
    from {{ ref('stg_open_meteo__previsions_meteo_regions') }}
    where temperature_c is not null

),

lectures as (

    select distinct
        emise_a,
        {{ heure_de_paris('emise_a') }} as lue_a
    from reponses

),

-- The first noon after the reading: a forecast of consumption issued at noon knows what was read before. Readings
-- older than the previous noon are not used: that day falls back on the normal.
midis as (

    select
        emise_a,
        case
            when hour(lue_a) < 12 then cast(lue_a as date)
            else {{ jour_plus('cast(lue_a as date)', 1) }}
        end as emission
    from lectures

),

retenues as (

    select
        emission,
        max(emise_a) as emise_a
    from midis
    group by emission

),

jours as (

    select
        reponses.code_region,
        retenues.emission,
        retenues.emise_a,
        reponses.date,
        min(reponses.temperature_c) as temperature_min_c,
        max(reponses.temperature_c) as temperature_max_c
    from retenues
    inner join reponses on retenues.emise_a = reponses.emise_a
    where
        reponses.date >= {{ jour_plus('retenues.emission', jours_avant) }}
        and reponses.date <= {{ jour_plus('retenues.emission', jours_apres) }}
    group by reponses.code_region, retenues.emission, retenues.emise_a, reponses.date
    having count(*) >= {{ heures_au_moins }}

),

territoires as (

    select
        code_region as code_territoire,
        emission,
        emise_a,
        date,
        temperature_min_c,
        temperature_max_c
    from jours
    union all
    -- As in int_prevision_jours: the plain mean of the twelve regions.
    select
        'FR' as code_territoire,
        emission,
        emise_a,
        date,
        sum(temperature_min_c order by code_region) / 12 as temperature_min_c,
        sum(temperature_max_c order by code_region) / 12 as temperature_max_c
    from jours
    where code_region <> '94'
    group by emission, emise_a, date
    having count(*) = 12

),

final as (

    select
        code_territoire,
        emission,
        emise_a,
        date,
        temperature_min_c,
        -- The mean of the extremes, like the regional temperatures on which the model is trained.
        (temperature_min_c + temperature_max_c) / 2 as temperature_moyenne_c,
        temperature_max_c
    from territoires

)

select * from final
