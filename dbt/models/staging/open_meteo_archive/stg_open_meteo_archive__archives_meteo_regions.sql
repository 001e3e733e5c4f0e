with

source as (

    select * from {{ source('open_meteo_archive', 'archives_meteo_regions') }}

),

renamed as (

    select
        mois,
        code_region,
        instant as instant_utc,
        latitude as latitude_maille,
        longitude as longitude_maille,
        temperature_2m as temperature_c,
        precipitation as precipitation_mm,
        wind_speed_10m as vent_m_s
    from source

)

select * from renamed
