{#- The newest days of a file may be typing errors of its declarants: the day before which this share was brought up to
    date tells its year. -#}
{%- set part_des_fiches = 0.99 -%}
with

fiches as (

    select date_maj
    from {{ ref('int_bornes_declarees') }}
    where date_maj is not null

),

millesime as (

    select cast(extract('year' from date_maj) as integer) as annee
    from fiches
    qualify row_number() over (order by date_maj) = ceil({{ part_des_fiches }} * count(*) over ())

),

points as (

    select
        code_commune,
        count(*) as nombre_points,
        max(case when est_dans_irve then 1 else 0 end) as est_dans_irve
    from {{ ref('dim_point_de_charge') }}
    where code_commune is not null
    group by code_commune

),

stations as (

    select
        code_commune,
        count(*) as nombre_stations
    from {{ ref('dim_station') }}
    where code_commune is not null
    group by code_commune

),

national as (

    select coalesce(max(est_dans_irve), 0) = 1 as est_charge
    from points

),

-- The national file speaks of every commune: one that it does not name has no public point. That of Paris does not.
communes as (

    select actuelles.code_commune
    from {{ ref('dim_commune') }} as actuelles
    inner join national on national.est_charge
    where actuelles.est_active
    union
    select code_commune from points

),

final as (

    select
        communes.code_commune,
        millesime.annee,
        coalesce(points.nombre_points, 0) as nombre_points,
        coalesce(stations.nombre_stations, 0) as nombre_stations
    from communes
    cross join millesime
    left join points on communes.code_commune = points.code_commune
    left join stations on communes.code_commune = stations.code_commune

)

select * from final
