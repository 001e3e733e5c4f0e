with

source as (

    select * from {{ source('infoclimat', 'previsions_gfs_regions') }}

),

renamed as (

    select
        mois,
        emise_a,
        code_region,
        instant as instant_utc,
        run_modele,
        -- Published in Kelvin.
        round(temperature_2m - 273.15, 2) as temperature_c,
        humidite_2m as humidite_pct,
        -- In Pa.
        pression_mer / 100 as pression_mer_hpa,
        pluie as pluie_3h_mm,
        -- In km/h.
        vent_moyen / 3.6e0 as vent_m_s,
        vent_rafales / 3.6e0 as rafale_m_s
    from source

)

select * from renamed
