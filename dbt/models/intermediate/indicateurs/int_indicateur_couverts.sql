with

-- What is never summed is served at its published grains only.
jamais_sommees as (

    select mesure
    from {{ ref('int_indicateur_definitions') }}
    group by mesure
    having min(case when regle_agregation = 'jamais' then 1 else 0 end) = 1

),

-- The territories that a source covers in a year: what it leaves out there is zero, not unknown.
final as (

    select distinct
        publiees.famille,
        publiees.maille,
        publiees.code_territoire,
        publiees.annee
    from {{ ref('int_indicateur_publiees') }} as publiees
    left join jamais_sommees on publiees.mesure = jamais_sommees.mesure
    where jamais_sommees.mesure is null

)

select * from final
