with

source as (

    select * from {{ source('odre', 'stock_quotidien_stockages_gaz') }}

),

renamed as (

    select
        mois,
        date,
        trim(pits) as pits_publie,
        trim(source) as operateur,
        stock_fin_de_journee as stock_gwh
    from source

)

select * from renamed
