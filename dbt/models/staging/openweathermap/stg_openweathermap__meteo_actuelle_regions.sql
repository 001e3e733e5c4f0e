with

source as (

    select * from {{ source('openweathermap', 'meteo_actuelle_regions') }}

),

renamed as (

    select
        mois,
        emise_a,
        code_region,
        instant as instant_utc,
        temperature as temperature_c,
        humidite as humidite_pct,
        pression as pression_hpa,
        vent as vent_m_s,
        rafale as rafale_m_s,
        pluie_1h as pluie_1h_mm,
        nebulosite as nebulosite_pct
    from source

)

select * from renamed
