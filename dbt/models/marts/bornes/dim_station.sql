with

points as (

    select * from {{ ref('int_bornes_points') }}
    where id_station is not null

),

-- Counted from the points: the published count is repeated on each point and includes points that no row describes.
comptes as (

    select
        id_station,
        count(distinct id_pdc) as nombre_points_de_charge,
        max(puissance_nominale_kw) as puissance_max_kw,
        min(date_mise_en_service) as date_mise_en_service,
        max(case when est_dans_temps_reel then 1 else 0 end) = 1 as est_en_temps_reel
    from points
    group by id_station

),

-- All points of a station carry the same description; if they differ, a fiche comes before a live state.
descriptions as (

    select *
    from points
    qualify
        row_number() over (partition by id_station order by est_station_deduite asc, source asc, id_pdc asc) = 1

),

final as (

    select
        descriptions.id_station,
        descriptions.nom_station,
        descriptions.adresse,
        descriptions.code_commune,
        descriptions.code_departement,
        descriptions.code_region,
        descriptions.code_arrondissement,
        descriptions.longitude,
        descriptions.latitude,
        cast(comptes.nombre_points_de_charge as integer) as nombre_points_de_charge,
        comptes.puissance_max_kw,
        descriptions.nom_operateur,
        descriptions.nom_enseigne,
        descriptions.condition_acces,
        comptes.date_mise_en_service,
        descriptions.source,
        comptes.est_en_temps_reel
    from descriptions
    inner join comptes on descriptions.id_station = comptes.id_station

)

select * from final
