{#- A holiday that is longer is a typing error: the longest known lasts 69 days (Guadeloupe, 2021). -#}
{%- set duree_maximale = 75 -%}
with

types_de_jour as (

    select * from {{ ref('int_calendrier_types_de_jour') }}

),

paquet as (

    select * from {{ ref('stg_lac__vacances_scolaires') }}

),

-- If the académies of a zone disagree, the majority decides; then the earliest dates, so that the choice is stable.
publiees as (

    select
        annee_scolaire,
        zone_scolaire,
        {{ nom_vacances('description') }} as nom_vacances,
        date_debut,
        case
            when description like 'Début des %' then null
            when date_fin between date_debut and {{ jour_plus('date_debut', duree_maximale) }} then date_fin
        end as date_fin
    from {{ ref('stg_education__fr_en_calendrier_scolaire') }}
    where zone_scolaire in ('A', 'B', 'C', 'Corse')
    qualify row_number() over (
        partition by annee_scolaire, zone_scolaire, description, population
        order by nombre_academies desc, date_debut asc, date_fin asc nulls last
    ) = 1

),

-- Pupils of two levels may come back on two days: the holiday lasts as long as some are away.
officielles as (

    select
        annee_scolaire,
        zone_scolaire,
        nom_vacances,
        min(date_debut) as date_debut,
        max(date_fin) as date_fin
    from publiees
    group by annee_scolaire, zone_scolaire, nom_vacances

),

annees_officielles as (

    select distinct
        annee_scolaire,
        zone_scolaire
    from officielles

),

-- "After class": the published first day is a school day if it is a working day and not a bridge. Corsica publishes
-- either that day or the next, without saying which.
officielles_completees as (

    select
        officielles.annee_scolaire,
        officielles.zone_scolaire,
        officielles.nom_vacances,
        officielles.date_debut,
        coalesce(officielles.date_fin, {{ jour_plus('paquet.dernier_jour', 1) }}) as date_fin,
        officielles.zone_scolaire <> 'Corse'
        and types_de_jour.type_jour = 'ouvré'
        and not types_de_jour.est_pont as est_apres_la_classe,
        case
            when officielles.date_fin is null and paquet.dernier_jour is not null
                then 'Éducation nationale, fin selon vacances-scolaires-france'
            else 'Éducation nationale'
        end as source
    from officielles
    left join types_de_jour on officielles.date_debut = types_de_jour.date
    left join paquet
        on
            officielles.annee_scolaire = paquet.annee_scolaire
            and officielles.zone_scolaire = paquet.zone_scolaire
            and officielles.nom_vacances = paquet.nom_vacances
            and officielles.date_debut <= paquet.dernier_jour

),

reunies as (

    select * from officielles_completees

    union all

    -- A school year that the ministry publishes is taken from the ministry alone: what it has withdrawn stays
    -- withdrawn.
    select
        paquet.annee_scolaire,
        paquet.zone_scolaire,
        paquet.nom_vacances,
        paquet.premier_jour as date_debut,
        {{ jour_plus('paquet.dernier_jour', 1) }} as date_fin,
        false as est_apres_la_classe,
        'vacances-scolaires-france' as source
    from paquet
    left join annees_officielles
        on
            paquet.annee_scolaire = annees_officielles.annee_scolaire
            and paquet.zone_scolaire = annees_officielles.zone_scolaire
    where annees_officielles.annee_scolaire is null

),

final as (

    select
        zone_scolaire,
        annee_scolaire,
        nom_vacances,
        date_debut,
        date_fin,
        case
            when est_apres_la_classe and date_fin > {{ jour_plus('date_debut', 1) }}
                then {{ jour_plus('date_debut', 1) }}
            else date_debut
        end as premier_jour,
        case
            when date_fin > date_debut then {{ jour_plus('date_fin', -1) }}
            else date_fin
        end as dernier_jour,
        source
    from reunies

)

select * from final
