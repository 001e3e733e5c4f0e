with

final as (

    select
        date_locale,
        heure_locale,
        jour_semaine,
        minutes_occupees,
        minutes_observees,
        temperature_c,
        precipitation_mm
    from {{ ref('mart_occupation_horaire') }}
    where maille = 'commune'

)

select * from final
