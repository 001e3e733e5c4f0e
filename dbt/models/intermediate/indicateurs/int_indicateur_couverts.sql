with

-- What is never summed is told where it is published, and nothing else is sought of it: millions of rows.
jamais_sommees as (

    select numerateur as mesure
    from {{ ref('int_indicateur_definitions') }}
    group by numerateur
    having min(regle_agregation) = 'jamais' and max(regle_agregation) = 'jamais'

),

-- Which territories a source speaks of in a year: what it then leaves out is nothing, not unknown.
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
