with

publiee as (

    select
        annee,
        sum(population_municipale_hab) as municipale_publiee_hab,
        sum(population_totale_hab) as totale_publiee_hab
    from {{ ref('int_population_communes') }}
    where not est_repetee
    group by annee

),

suivie as (

    select
        annee,
        sum(population_municipale_hab) as municipale_hab,
        sum(population_totale_hab) as totale_hab
    from {{ ref('fct_population') }}
    where maille = 'commune'
    group by annee

)

select
    publiee.annee,
    publiee.municipale_publiee_hab,
    suivie.municipale_hab,
    publiee.totale_publiee_hab,
    suivie.totale_hab
from publiee
left join suivie on publiee.annee = suivie.annee
where
    suivie.annee is null
    or publiee.municipale_publiee_hab <> suivie.municipale_hab
    or publiee.totale_publiee_hab <> suivie.totale_hab
