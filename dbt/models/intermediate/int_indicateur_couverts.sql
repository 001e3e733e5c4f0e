with

-- Which territories a source speaks of in a year: what it then leaves out is nothing, not unknown.
final as (

    select distinct
        famille,
        maille,
        code_territoire,
        annee
    from {{ ref('int_indicateur_publiees') }}

)

select * from final
