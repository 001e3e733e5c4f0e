{#- The newest dates of a file may be typing errors: its year is that of the day by which this share of it had been
    updated. -#}
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

-- As in dim_point_de_charge, without the few points that only real time knows: it changes every quarter of an hour,
-- and nothing here should be rebuilt for it.
uniques as (

    select
        id_pdc,
        id_station,
        code_commune,
        max(case when source = 'irve' then 1 else 0 end) over () as est_national
    from {{ ref('int_bornes_declarees') }}
    where id_pdc is not null and rang = 1
    qualify row_number() over (partition by id_pdc order by source) = 1

),

points as (

    select
        code_commune,
        count(*) as nombre_points,
        count(distinct id_station) as nombre_stations
    from uniques
    where code_commune is not null
    group by code_commune

),

national as (

    select coalesce(max(est_national), 0) = 1 as est_charge
    from uniques

),

-- The national file covers every commune: one that it does not name has no public point. The file of Paris does not.
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
        coalesce(points.nombre_stations, 0) as nombre_stations
    from communes
    cross join millesime
    left join points on communes.code_commune = points.code_commune

)

select * from final
