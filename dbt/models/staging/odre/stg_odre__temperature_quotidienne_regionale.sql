with

source as (

    select * from {{ source('odre', 'temperature_quotidienne_regionale') }}

),

renamed as (

    select
        mois,
        code_insee_region as code_region,
        date,
        tmin as temperature_min_c,
        tmax as temperature_max_c,
        tmoy as temperature_moyenne_c
    from source

)

select * from renamed
