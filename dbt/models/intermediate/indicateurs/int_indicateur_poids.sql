{{ config(materialized='table') }}
with

-- By how much a territory counts in what a sum covers: its inhabitants, one where they are not known.
habitants as (

    select
        maille,
        code_territoire,
        cast(population_municipale_hab as double) as poids
    from {{ ref('fct_population') }}
    qualify row_number() over (partition by maille, code_territoire order by annee desc) = 1

),

territoires as (

    select distinct
        maille,
        code_territoire
    from {{ ref('int_indicateur_liens') }}

),

final as (

    select
        territoires.maille,
        territoires.code_territoire,
        greatest(coalesce(habitants.poids, 1), 1) as poids
    from territoires
    left join habitants
        on territoires.maille = habitants.maille and territoires.code_territoire = habitants.code_territoire

)

select * from final
