{#- The sources, the preferred one first: see docs/methods/meteo.md. -#}
with

-- Measured, at the one station that dim_poste_meteo retains. What Météo-France calls doubtful is left out.
mesures as (

    select
        lues.code_region,
        lues.instant_utc,
        lues.temperature_c,
        case when lues.qualite_precipitation = 2 then null else lues.precipitation_mm end as precipitation_mm,
        case when lues.qualite_vent = 2 then null else lues.vent_m_s end as vent_m_s,
        cast(null as {{ type_instant() }}) as emise_a,
        'meteo_france' as source,
        0 as rang,
        0 as ecart_s
    from {{ ref('stg_meteo_france__observations_horaires_meteo_france') }} as lues
    inner join {{ ref('dim_poste_meteo') }} as postes
        on lues.code_region = postes.code_region and lues.numero_poste = postes.numero_poste
    where postes.est_retenu and (lues.qualite_temperature is null or lues.qualite_temperature <> 2)

),

archives as (

    select
        code_region,
        instant_utc,
        temperature_c,
        precipitation_mm,
        vent_m_s,
        cast(null as {{ type_instant() }}) as emise_a,
        'open_meteo_archive' as source,
        1 as rang,
        0 as ecart_s
    from {{ ref('stg_open_meteo_archive__archives_meteo_regions') }}

),

analyses as (

    select
        code_region,
        instant_utc,
        temperature_c,
        precipitation_mm,
        vent_m_s,
        emise_a,
        'open_meteo_analyse' as source,
        2 as rang,
        0 as ecart_s
    from {{ ref('stg_open_meteo__previsions_meteo_regions') }}

),

-- The observation nearest to the hour, within the half-hour after it. Its rain belongs to another hour.
observations as (

    select
        code_region,
        date_trunc('hour', instant_utc) as instant_utc,
        temperature_c,
        cast(null as double) as precipitation_mm,
        vent_m_s,
        emise_a,
        'openweathermap' as source,
        3 as rang,
        extract(minute from instant_utc) * 60 + extract(second from instant_utc) as ecart_s
    from {{ ref('stg_openweathermap__meteo_actuelle_regions') }}
    where extract(minute from instant_utc) < 30

),

-- Steps that were over when they were read; their rain covers three hours.
passages as (

    select
        code_region,
        instant_utc,
        temperature_c,
        cast(null as double) as precipitation_mm,
        vent_m_s,
        emise_a,
        'infoclimat_gfs' as source,
        4 as rang,
        0 as ecart_s
    from {{ ref('stg_infoclimat__previsions_gfs_regions') }}

),

lectures as (

    select * from mesures
    union all
    select * from archives
    union all
    select * from analyses
    union all
    select * from observations
    union all
    select * from passages

),

-- The newest value for an hour that was over, from the best source that has it.
retenues as (

    select *
    from lectures
    where (source in ('meteo_france', 'open_meteo_archive') or instant_utc < emise_a) and temperature_c is not null
    qualify row_number() over (
        partition by code_region, instant_utc order by rang asc, ecart_s asc, emise_a desc
    ) = 1

),

final as (

    select
        code_region,
        instant_utc,
        cast({{ heure_de_paris('instant_utc') }} as date) as date_locale,
        temperature_c,
        precipitation_mm,
        vent_m_s,
        emise_a as analysee_a,
        source
    from retenues

)

select * from final
