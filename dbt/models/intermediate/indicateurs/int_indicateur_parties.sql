{{ config(materialized='table') }}
with

liens as (

    select * from {{ ref('int_indicateur_liens') }}

),

-- The weight of a part in what a sum covers: its inhabitants, or one where they are unknown.
habitants as (

    select
        maille,
        code_territoire,
        cast(population_municipale_hab as double) as poids
    from {{ ref('fct_population') }}
    qualify row_number() over (partition by maille, code_territoire order by annee desc) = 1

),

final as (

    select
        liens.maille,
        liens.code_territoire,
        liens.maille_ancetre,
        liens.code_ancetre,
        greatest(coalesce(habitants.poids, 1), 1) as poids
    from liens
    left join habitants
        on liens.maille = habitants.maille and liens.code_territoire = habitants.code_territoire

)

select * from final
