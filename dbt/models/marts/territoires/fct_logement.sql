with

publies as (

    select * from {{ ref('stg_insee__recensement_logement') }}

),

-- A census uses the communes of 1 January two years later, like its populations. Where the successor is unknown the
-- published code is kept: nothing is lost, and mart_codes_orphelins lists it.
logements as (

    select
        coalesce(successeurs.code_commune_actuelle, publies.code_commune) as code_commune,
        publies.annee,
        publies.code_categorie,
        publies.code_type,
        publies.code_surface,
        publies.nombre_logements,
        coalesce(successeurs.est_scindee, false) as est_scindee
    from publies
    left join {{ ref('int_commune_successeurs') }} as successeurs
        on
            publies.code_commune = successeurs.code_commune
            and publies.annee + 2 between successeurs.premier_millesime and successeurs.dernier_millesime

),

final as (

    select
        code_commune,
        annee,
        case code_categorie
            when '1' then 'résidence principale'
            when '2' then 'logement occasionnel'
            when '3' then 'résidence secondaire'
            when '4' then 'logement vacant'
            else 'hors logement ordinaire'
        end as categorie_logement,
        case
            when code_type = '1' then 'maison'
            when code_type = '2' then 'appartement'
            when code_type = 'Z' then 'hors logement ordinaire'
            else 'autre'
        end as type_logement,
        case code_surface
            when '1' then 'moins de 30 m2'
            when '2' then '30 à 40 m2'
            when '3' then '40 à 60 m2'
            when '4' then '60 à 80 m2'
            when '5' then '80 à 100 m2'
            when '6' then '100 à 120 m2'
            when '7' then '120 m2 et plus'
            when 'Y' then 'hors résidence principale'
            else 'hors logement ordinaire'
        end as classe_surface,
        -- In a fixed order: the last digits of a sum of doubles depend on it, and equal content must stay equal.
        {{ somme('nombre_logements') }} as nombre_logements,
        max(case when est_scindee then 1 else 0 end) = 1 as est_scindee
    from logements
    group by 1, 2, 3, 4, 5

)

select * from final
