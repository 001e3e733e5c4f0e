with

filieres as (

    select * from {{ ref('filieres') }}

),

final as (

    select
        filiere,
        libelle,
        ordre,
        est_nationale,
        est_regionale,
        est_production,
        est_stockage,
        est_renouvelable,
        est_bas_carbone
    from filieres

)

select * from final
