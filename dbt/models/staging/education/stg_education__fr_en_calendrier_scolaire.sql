with

source as (

    select * from {{ source('education', 'fr_en_calendrier_scolaire') }}

),

-- Whatever the encoding (local offset, UTC, a plain date read as UTC midnight), the instant lies in the right day of
-- Paris; the first ten characters of a UTC text are the day before.
eleves as (

    select
        annee_scolaire,
        replace(zones, 'Zone ', '') as zone_scolaire,
        location as academie,
        replace(description, '’', '''') as description,
        population,
        cast({{ heure_de_paris('start_date') }} as date) as date_debut,
        cast({{ heure_de_paris('end_date') }} as date) as date_fin
    from source
    -- Teachers come back before the pupils; their rows would make the summer double.
    where population is null or population not like 'Enseignants%'

),

-- Published once per académie, the same in all académies of a zone.
par_zone as (

    select
        annee_scolaire,
        zone_scolaire,
        description,
        population,
        date_debut,
        date_fin,
        cast(count(distinct academie) as integer) as nombre_academies
    from eleves
    group by annee_scolaire, zone_scolaire, description, population, date_debut, date_fin

)

select * from par_zone
