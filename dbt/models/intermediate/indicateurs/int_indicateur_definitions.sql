with

final as (

    select * from {{ ref('indicateurs') }}
    union all
    select * from {{ ref('int_indicateur_odd_definitions') }}

)

select * from final
