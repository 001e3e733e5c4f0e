with

source as (

    select * from {{ source('insee', 'intercommunalites_composition') }}

),

renamed as (

    select
        edition,
        cast(edition as integer) as millesime,
        codgeo as code_commune,
        -- Four islands are in none: ZZZZZZZZZ.
        case when epci <> 'ZZZZZZZZZ' then epci end as code_epci,
        case when epci <> 'ZZZZZZZZZ' then libepci end as nom_epci
    from source

)

select * from renamed
