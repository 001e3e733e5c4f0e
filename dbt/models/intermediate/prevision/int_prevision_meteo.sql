{#- Read twice in a build, and long where there is a history. -#}
{{ config(materialized='table') }}
{#- From the day before the issue, whose analysis is complete, to the week that is forecast. -#}
{%- set jours_avant = -1 -%}
{%- set jours_apres = 7 -%}
{#- Hours that a local day must have: 23 at the spring change. -#}
{%- set heures_au_moins = 23 -%}
{#- The first noon after something became known: a forecast issued at noon knows what was known before. -#}
{%- set midi_suivant = "case when hour(connue_a) < 12 then cast(connue_a as date) else "
    ~ jour_plus('cast(connue_a as date)', 1) ~ " end" -%}
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
        {{ heure_de_paris('emise_a') }} as connue_a
    from reponses

),

-- Readings older than the previous noon are not used: that day falls back on the history, or on the normal.
retenues as (

    select
        {{ midi_suivant }} as emission,
        max(emise_a) as emise_a
    from lectures
    group by {{ midi_suivant }}

),

jours_lus as (

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

connues as (

    select
        code_region,
        emise_a,
        instant_utc,
        temperature_c,
        {{ heure_de_paris('emise_a') }} as connue_a,
        cast({{ heure_de_paris('instant_utc') }} as date) as date
    from {{ ref('stg_open_meteo_previous_runs__historique_previsions_meteo_regions') }}

),

historique as (

    select
        code_region,
        {{ midi_suivant }} as emission,
        emise_a,
        date,
        instant_utc,
        temperature_c
    from connues

),

-- What the lake did not read itself. Each hour of a day became known between two noons exactly once, and at a clock
-- change perhaps twice or never.
jours_passes as (

    select
        historique.code_region,
        historique.emission,
        max(historique.emise_a) as emise_a,
        historique.date,
        min(historique.temperature_c) as temperature_min_c,
        max(historique.temperature_c) as temperature_max_c
    from historique
    left join retenues on historique.emission = retenues.emission
    where
        retenues.emission is null
        and historique.date >= {{ jour_plus('historique.emission', jours_avant) }}
        and historique.date <= {{ jour_plus('historique.emission', jours_apres) }}
    group by historique.code_region, historique.emission, historique.date
    having count(distinct historique.instant_utc) >= {{ heures_au_moins }}

),

jours as (

    select * from jours_lus
    union all
    select * from jours_passes

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
        max(emise_a) as emise_a,
        date,
        {{ somme('temperature_min_c', 'code_region') }} / 12 as temperature_min_c,
        {{ somme('temperature_max_c', 'code_region') }} / 12 as temperature_max_c
    from jours
    where code_region <> '94'
    group by emission, date
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
