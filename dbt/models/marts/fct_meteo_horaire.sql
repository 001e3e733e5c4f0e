with

analyses as (

    select *
    from {{ ref('stg_open_meteo__previsions_meteo_regions') }}
    where instant_utc < emise_a and temperature_c is not null

),

-- The newest word on an hour that was over.
dernieres as (

    select *
    from analyses
    qualify row_number() over (partition by code_region, instant_utc order by emise_a desc) = 1

),

final as (

    select
        code_region,
        instant_utc,
        cast({{ heure_de_paris('instant_utc') }} as date) as date_locale,
        temperature_c,
        precipitation_mm,
        vent_m_s,
        emise_a as analysee_a
    from dernieres

)

select * from final
