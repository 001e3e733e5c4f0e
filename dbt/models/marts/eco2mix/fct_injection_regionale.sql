with

lignes as (

    select * from {{ ref('stg_odre__injections_regionales_quotidiennes_consolidees_rpt') }}

),

-- (region, day, filière) comes on up to three rows, one for each range of maximal power. They are parts of one energy,
-- equal ones included, so they add up.
final as (

    select
        code_region,
        date,
        filiere,
        -- In a fixed order: the last digits of a sum of doubles depend on it, and equal content must stay equal.
        {{ somme('energie_mwh') }} as energie_mwh,
        cast(count(*) as integer) as nombre_lignes,
        cast(count(*) - count(energie_mwh) as integer) as nombre_lignes_sans_valeur
    from lignes
    group by code_region, date, filiere

)

select * from final
