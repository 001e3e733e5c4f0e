{#- A station with fewer of the hours leaves gaps that another source fills: two places in one series. -#}
{%- set part_au_moins = 0.95 -%}
with

mesures as (

    select * from {{ ref('stg_meteo_france__observations_horaires_meteo_france') }}
    -- Doubtful, as Météo-France says itself.
    where qualite_temperature is null or qualite_temperature <> 2

),

-- Every station is held to the same hours: from the first to the last that any has.
etendue as (

    select {{ heures_entre('min(instant_utc)', 'max(instant_utc)') }} + 1 as heures_possibles
    from mesures

),

postes as (

    select
        code_region,
        numero_poste,
        max_by(nom_poste, instant_utc) as nom_poste,
        max_by(latitude, instant_utc) as latitude,
        max_by(longitude, instant_utc) as longitude,
        max_by(altitude_m, instant_utc) as altitude_m,
        max_by(distance_km, instant_utc) as distance_km,
        count(*) as nombre_heures,
        min(instant_utc) as premiere_heure,
        max(instant_utc) as derniere_heure
    from mesures
    group by code_region, numero_poste

),

parts as (

    select
        postes.*,
        cast(postes.nombre_heures as double) / etendue.heures_possibles as part_heures
    from postes
    cross join etendue

),

ranges as (

    select
        *,
        row_number() over (
            partition by code_region
            order by
                case when part_heures >= {{ part_au_moins }} then 0 else 1 end,
                case when part_heures >= {{ part_au_moins }} then distance_km else -part_heures end,
                numero_poste
        ) as rang
    from parts

),

final as (

    select
        code_region,
        numero_poste,
        nom_poste,
        latitude,
        longitude,
        altitude_m,
        distance_km,
        cast(nombre_heures as integer) as nombre_heures,
        round(100 * part_heures, 2) as part_heures_pct,
        premiere_heure,
        derniere_heure,
        rang = 1 as est_retenu
    from ranges

)

select * from final
