with

source as (

    select * from {{ source('insee', 'populations_legales_regions') }}

),

-- Two generations of headers: only the old one has `codreg`; there `reg` is a name, in the new one a code.
renamed as (

    select
        edition,
        cast(edition as integer) as annee,
        coalesce(codreg, reg) as code_region,
        case when codreg is null then region else reg end as nom_region,
        nbcom as nombre_communes,
        cast(pmun as bigint) as population_municipale_hab,
        cast(ptot as bigint) as population_totale_hab
    from source

)

select * from renamed
