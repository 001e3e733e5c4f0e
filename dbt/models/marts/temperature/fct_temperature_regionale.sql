with

lectures as (

    select * from {{ ref('stg_odre__temperature_quotidienne_regionale') }}

),

-- No duplicate was ever seen. If there is one, the choice is arbitrary but stable.
uniques as (

    select *
    from lectures
    qualify row_number() over (
        partition by code_region, date
        order by temperature_moyenne_c desc, temperature_max_c desc, temperature_min_c desc
    ) = 1

),

final as (

    select
        code_region,
        date,
        temperature_min_c,
        temperature_max_c,
        temperature_moyenne_c
    from uniques

)

select * from final
