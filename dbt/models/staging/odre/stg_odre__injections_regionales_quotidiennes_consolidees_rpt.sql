with

source as (

    select * from {{ source('odre', 'injections_regionales_quotidiennes_consolidees_rpt') }}

),

renamed as (

    select
        mois,
        code_insee_region as code_region,
        date,
        trim(filiere) as filiere,
        energie_journaliere_mwh as energie_mwh
    from source

)

select * from renamed
