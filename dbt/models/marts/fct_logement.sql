with

logements as (

    select * from {{ ref('stg_insee__recensement_logement') }}

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
        sum(nombre_logements order by nombre_logements) as nombre_logements
    from logements
    group by 1, 2, 3, 4, 5

)

select * from final
