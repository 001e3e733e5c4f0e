with

source as (

    select * from {{ source('insee', 'populations_legales_departements') }}

),

-- Two generations of headers: only the old one has `codreg`; there `reg` and `dep` are names, in the new one codes.
renamed as (

    select
        edition,
        cast(edition as integer) as annee,
        coalesce(codreg, reg) as code_region,
        case when codreg is null then region else reg end as nom_region,
        case when codreg is null then dep else coddep end as code_departement,
        case when codreg is null then departement else dep end as nom_departement,
        nbcom as nombre_communes,
        cast(pmun as bigint) as population_municipale_hab,
        cast(ptot as bigint) as population_totale_hab
    from source

)

select * from renamed
