with

points as (

    select * from {{ ref('int_bornes_points') }}

),

lignes as (

    select * from {{ ref('int_bornes_declarees') }}

),

anomalies as (

    select
        id_pdc,
        id_station,
        'fiche de Belib'' sans temps réel' as anomalie,
        1 as nombre_lignes
    from points
    where est_dans_statique and not est_dans_temps_reel
    union all
    select
        id_pdc,
        id_station,
        'temps réel sans fiche de Belib''' as anomalie,
        1 as nombre_lignes
    from points
    where est_dans_temps_reel and not est_dans_statique
    union all
    select
        null as id_pdc,
        id_station,
        'fiche sans identifiant de point (' || source || ')' as anomalie,
        count(*) as nombre_lignes
    from lignes
    where id_pdc is null
    group by id_station, source
    union all
    select
        id_pdc,
        min(id_station) as id_station,
        'point déclaré plusieurs fois (' || source || ')' as anomalie,
        count(*) as nombre_lignes
    from lignes
    where id_pdc is not null
    group by id_pdc, source
    having count(*) > 1
    union all
    select
        id_pdc,
        id_station,
        'puissance publiée en watts' as anomalie,
        1 as nombre_lignes
    from points
    where est_puissance_en_watts
    union all
    select
        id_pdc,
        id_station,
        'commune ' || motif_commune as anomalie,
        1 as nombre_lignes
    from points
    where code_commune is null
    {% for motif in ['inversées, remises dans l\'\'ordre', 'hors de France, écartées'] -%}
    union all
    select
        id_pdc,
        id_station,
        'coordonnées {{ motif }}' as anomalie,
        1 as nombre_lignes
    from points
    where motif_coordonnees = '{{ motif }}'
    {% endfor %}

),

final as (

    select
        coalesce(id_pdc, 'station ' || id_station, 'ni point ni station') as code,
        id_pdc,
        id_station,
        anomalie,
        cast(nombre_lignes as integer) as nombre_lignes
    from anomalies

)

select * from final
