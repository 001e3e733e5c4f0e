with

lectures as (

    select * from {{ ref('stg_odre__stock_quotidien_stockages_gaz') }}

),

pits as (

    select * from {{ ref('pits') }}

),

-- Later vintages rename PITS: known names are mapped to the one we use, unknown ones are kept as published.
nommes as (

    select
        lectures.date,
        coalesce(pits.pits, lectures.pits_publie) as pits,
        lectures.operateur,
        lectures.stock_gwh,
        pits.pits is not null as est_pits_connu
    from lectures
    left join pits on lectures.pits_publie = pits.pits_publie

),

-- No duplicate was ever seen. If there is one, the choice is arbitrary but stable.
uniques as (

    select *
    from nommes
    qualify row_number() over (
        partition by date, pits
        order by stock_gwh desc, operateur asc
    ) = 1

)

select * from uniques
