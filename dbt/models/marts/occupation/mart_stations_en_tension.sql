with

releves as (

    select * from {{ ref('int_occupation_releves') }}
    where id_station is not null

),

-- A station in one state: how many of its points work, and how many of these are free.
stations as (

    select
        id_station,
        releve_a,
        min(code_arrondissement) as code_arrondissement,
        count(*) as points,
        count(*) filter (where statut in ('libre', 'occupe', 'reserve') and not est_fige) as en_service,
        count(*) filter (where statut = 'libre' and not est_fige) as libres,
        count(*) filter (where statut = 'occupe' and not est_fige) as occupes
    from releves
    group by id_station, releve_a

),

sommes as (

    select
        id_station,
        min(code_arrondissement) as code_arrondissement,
        max(points) as nombre_points,
        count(*) as nombre_releves,
        count(*) filter (where en_service > 0) as nombre_releves_en_service,
        count(*) filter (where en_service > 0 and libres = 0) as nombre_releves_sans_place,
        sum(points) as points_releves,
        sum(en_service) as points_en_service,
        sum(occupes) as points_occupes,
        count(distinct cast({{ heure_de_paris('releve_a') }} as date)) as nombre_jours
    from stations
    group by id_station

),

-- A share over a few states of one day says nothing about a station.
final as (

    select
        id_station,
        code_arrondissement,
        cast(nombre_points as integer) as nombre_points,
        cast(nombre_jours as integer) as nombre_jours,
        cast(nombre_releves as integer) as nombre_releves,
        cast(nombre_releves_sans_place as integer) as nombre_releves_sans_place,
        case when nombre_jours >= 7 then nombre_releves_sans_place * 1e0 / nullif(nombre_releves_en_service, 0) end
            as part_sans_place,
        points_occupes * 1e0 / nullif(points_en_service, 0) as part_occupee,
        points_en_service * 1e0 / nullif(points_releves, 0) as part_en_service,
        nombre_jours >= 7 and nombre_releves_en_service > 0 as est_fiable,
        case
            when nombre_releves_en_service = 0 then 'aucun point en service'
            when nombre_jours < 7 then 'moins de sept jours d''états'
        end as motif
    from sommes

)

select * from final
