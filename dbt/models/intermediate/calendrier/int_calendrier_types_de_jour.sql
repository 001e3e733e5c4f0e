with

jours as (

    select
        date,
        cast({{ jour_iso('date') }} as integer) as jour_de_semaine
    from {{ ref('int_calendrier_jours') }}

),

feries as (

    select
        date,
        nom
    from {{ source('lac', 'jours_feries') }}
    where perimetre = 'France'

),

feries_de_l_est as (

    select
        date,
        nom
    from {{ source('lac', 'jours_feries') }}
    where perimetre = 'Alsace-Moselle'

),

voisins as (

    select
        jours.date,
        jours.jour_de_semaine,
        feries.nom as nom_jour_ferie,
        coalesce(feries.nom, feries_de_l_est.nom) as nom_jour_ferie_alsace_moselle,
        veilles.date is not null as est_lendemain_ferie,
        lendemains.date is not null as est_veille_ferie
    from jours
    left join feries on jours.date = feries.date
    left join feries_de_l_est on jours.date = feries_de_l_est.date
    left join feries as veilles on veilles.date = {{ jour_plus('jours.date', -1) }}
    left join feries as lendemains on lendemains.date = {{ jour_plus('jours.date', 1) }}

),

types as (

    select
        *,
        case
            when nom_jour_ferie is not null then 'férié'
            when jour_de_semaine = 7 then 'dimanche'
            when jour_de_semaine = 6 then 'samedi'
            else 'ouvré'
        end as type_jour
    from voisins

),

-- A single working day between two days off, at least one of them a public holiday: no day is both a Monday and a
-- Friday.
final as (

    select
        date,
        jour_de_semaine,
        type_jour,
        nom_jour_ferie,
        nom_jour_ferie_alsace_moselle,
        type_jour = 'ouvré'
        and (est_lendemain_ferie or jour_de_semaine = 1)
        and (est_veille_ferie or jour_de_semaine = 5) as est_pont
    from types

)

select * from final
