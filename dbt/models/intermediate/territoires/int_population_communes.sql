{{ config(materialized='table') }}
with

publiees as (

    select * from {{ ref('stg_insee__populations_legales_communes') }}

),

successeurs as (

    select * from {{ ref('int_commune_successeurs') }}

),

-- Populations are those of the communes as they were on 1 January two years later: 34,955 communes with Mayotte's in
-- the population of 2020, as in the code of 2022.
suivies as (

    select
        publiees.edition,
        publiees.annee,
        publiees.code_departement,
        publiees.code_commune,
        publiees.nom_commune,
        publiees.population_municipale_hab,
        publiees.population_comptee_a_part_hab,
        publiees.population_totale_hab,
        successeurs.code_commune_actuelle,
        coalesce(successeurs.est_scindee, false) as est_scindee
    from publiees
    left join successeurs
        on
            publiees.code_commune = successeurs.code_commune
            and publiees.annee + 2 between successeurs.premier_millesime and successeurs.dernier_millesime

),

-- A copy of 2020 holds a commune under its code of that day and again under its next one. No two communes of a
-- département share a name (codes of 2022 to 2026): rows with the same name and the same three figures are one
-- commune. The row whose code leads to a commune of today is kept.
final as (

    select
        *,
        row_number() over (
            partition by
                edition,
                code_departement,
                coalesce(nom_commune, code_commune),
                population_municipale_hab,
                population_comptee_a_part_hab,
                population_totale_hab
            order by code_commune_actuelle asc nulls last, code_commune asc
        ) > 1 as est_repetee
    from suivies

)

select * from final
