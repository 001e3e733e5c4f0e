{#- Base temperatures: 18 °C is usual, 17 °C is that of the SDES. -#}
{%- set bases = [18, 17] -%}
{#- The temperature of a day: as published, or the mean of its extremes, as the SDES computes it. -#}
{%- set methodes = {
    'moyenne publiée': 'temperature_moyenne_c',
    'SDES, milieu des extrêmes': '(temperature_min_c + temperature_max_c) / 2',
} -%}
with

-- The heating months of a calendar year.
dates as (

    select
        date,
        annee
    from {{ ref('dim_date') }}
    where mois_de_annee not between 6 and 9

),

attendus as (

    select
        annee,
        count(*) as nombre_jours_attendus
    from dates
    group by annee

),

regionales as (

    {%- for methode, temperature in methodes.items() %}
    select
        code_region,
        date,
        '{{ methode }}' as methode,
        {{ temperature }} as temperature_c
    from {{ ref('fct_temperature_regionale') }}
    where {{ temperature }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

temperatures as (

    select
        'region' as maille,
        code_region as code_territoire,
        date,
        methode,
        temperature_c
    from regionales

    union all

    -- Degree days of the plain mean of the thirteen régions, and only when all of them are there.
    select
        'nation' as maille,
        'FR' as code_territoire,
        date,
        methode,
        {{ somme('temperature_c') }} / count(temperature_c) as temperature_c
    from regionales
    group by date, methode
    having count(temperature_c) = 13

),

froids as (

    {%- for base in bases %}
    select
        temperatures.maille,
        temperatures.code_territoire,
        dates.annee,
        {{ base }} as base_c,
        temperatures.methode,
        greatest({{ base }} - temperatures.temperature_c, 0) as degres_jours_c
    from temperatures
    inner join dates on temperatures.date = dates.date
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- In a fixed order: the last digits of a sum of doubles depend on it, and equal content must stay equal.
sommes as (

    select
        maille,
        code_territoire,
        annee,
        base_c,
        methode,
        {{ somme('degres_jours_c') }} as degres_jours_c,
        count(*) as nombre_jours
    from froids
    group by maille, code_territoire, annee, base_c, methode

),

final as (

    select
        sommes.maille,
        sommes.code_territoire,
        sommes.annee,
        cast(sommes.base_c as integer) as base_c,
        sommes.methode,
        sommes.degres_jours_c,
        cast(sommes.nombre_jours as integer) as nombre_jours,
        cast(attendus.nombre_jours_attendus as integer) as nombre_jours_attendus,
        sommes.nombre_jours = attendus.nombre_jours_attendus as est_complet
    from sommes
    inner join attendus on sommes.annee = attendus.annee

)

select * from final
