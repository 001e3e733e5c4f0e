with

-- What a publisher gives as an indicator is a quantity under its own code; the others are made from quantities.
final as (

    select
        *,
        numerateur as mesure,
        false as est_publie
    from {{ ref('indicateurs') }}
    union all
    select
        *,
        code_indicateur as mesure,
        true as est_publie
    from {{ ref('int_indicateur_odd_definitions') }}

)

select * from final
