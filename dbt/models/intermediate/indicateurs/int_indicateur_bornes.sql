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

    select cast(extract(year from date_maj) as integer) as annee
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
        code_departement,
        max(case when source = 'irve' then 1 else 0 end) over () as est_national
    from {{ ref('int_bornes_declarees') }}
    where id_pdc is not null and rang = 1
    qualify row_number() over (partition by id_pdc order by source) = 1

),

national as (

    select coalesce(max(est_national), 0) = 1 as est_charge
    from uniques

),

points as (

    select
        uniques.*,
        departements.code_region
    from uniques
    left join {{ ref('dim_departement') }} as departements
        on uniques.code_departement = departements.code_departement

),

-- What a territory may have beyond its count: points whose commune is unknown, and rows of the national file that
-- identify no point, which are not counted anywhere.
douteux as (

    select
        code_commune,
        code_departement,
        code_region,
        true as est_compte
    from points
    where code_commune is null
    union all
    select
        fiches.code_commune,
        fiches.code_departement,
        departements.code_region,
        false as est_compte
    from {{ ref('int_bornes_declarees') }} as fiches
    left join {{ ref('dim_departement') }} as departements
        on fiches.code_departement = departements.code_departement
    where fiches.source = 'irve' and fiches.id_pdc is null

),

-- One that may be anywhere makes every grain below the nation incomplete.
partout as (

    select
        coalesce(max(case when code_departement is null then 1 else 0 end), 0) = 1 as est_sans_departement,
        coalesce(max(case when not est_compte then 1 else 0 end), 0) = 1 as est_non_compte
    from douteux

),

-- The national file covers every commune: one that it does not name has no public point. The file of Paris does not.
territoires as (

    select
        'commune' as maille,
        actuelles.code_commune as code_territoire,
        actuelles.code_departement
    from {{ ref('dim_commune') }} as actuelles
    inner join national on national.est_charge
    where actuelles.est_active
    union
    select
        'commune' as maille,
        code_commune as code_territoire,
        code_departement
    from points
    where code_commune is not null
    {% for maille, code, nom in [
        ('departement', 'code_departement', 'dim_departement'), ('region', 'code_region', 'dim_region')
    ] -%}
    union
    select
        '{{ maille }}' as maille,
        {{ code }} as code_territoire,
        cast(null as string) as code_departement
    from {{ ref(nom) }}
    inner join national on national.est_charge
    {% endfor -%}
    union
    select
        'nation' as maille,
        'FR' as code_territoire,
        cast(null as string) as code_departement
    from national
    where est_charge

),

comptes as (

    {% for maille, code in [
        ('commune', 'code_commune'), ('departement', 'code_departement'), ('region', 'code_region'), ('nation', "'FR'")
    ] -%}
    select
        '{{ maille }}' as maille,
        {{ code }} as code_territoire,
        count(*) as nombre_points,
        count(distinct id_station) as nombre_stations,
        count(id_station) < count(*) as a_un_point_sans_station
    from points
    where {{ code }} is not null
    {{ 'group by ' ~ code if maille != 'nation' else 'having count(*) > 0' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

incomplets as (

    select distinct
        'commune' as maille,
        code_commune as code_territoire
    from douteux
    where code_commune is not null
    union
    select distinct
        'commune' as maille,
        territoires.code_territoire
    from territoires
    inner join douteux on territoires.code_departement = douteux.code_departement
    where territoires.maille = 'commune' and douteux.code_commune is null
    {% for maille in ['departement', 'region'] -%}
    union
    select distinct
        '{{ maille }}' as maille,
        code_{{ maille }} as code_territoire
    from douteux
    where not est_compte and code_{{ maille }} is not null
    {% endfor %}

),

final as (

    select
        territoires.maille,
        territoires.code_territoire,
        millesime.annee,
        coalesce(comptes.nombre_points, 0) as nombre_points,
        coalesce(comptes.nombre_stations, 0) as nombre_stations,
        coalesce(comptes.a_un_point_sans_station, false) as a_un_point_sans_station,
        case
            when territoires.maille = 'nation' then partout.est_non_compte
            else partout.est_sans_departement or incomplets.code_territoire is not null
        end as est_incomplet
    from territoires
    cross join millesime
    cross join partout
    left join comptes
        on territoires.maille = comptes.maille and territoires.code_territoire = comptes.code_territoire
    left join incomplets
        on territoires.maille = incomplets.maille and territoires.code_territoire = incomplets.code_territoire

)

select * from final
