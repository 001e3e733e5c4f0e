with

compositions as (

    select * from {{ ref('stg_insee__intercommunalites_composition') }}

),

final as (

    select
        cast(millesime as integer) as millesime,
        code_commune,
        code_epci,
        nom_epci
    from compositions

)

select * from final
