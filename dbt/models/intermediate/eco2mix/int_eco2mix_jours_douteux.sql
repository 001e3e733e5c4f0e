{{ config(materialized='table') }}
with

comparaisons as (

    select * from {{ ref('int_eco2mix_comparer_regions_et_france') }}

),

final as (

    select distinct date
    from comparaisons
    where est_douteux

)

select * from final
