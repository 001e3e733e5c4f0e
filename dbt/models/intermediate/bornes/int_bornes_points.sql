{{ config(materialized='table') }}

with

fiches as (

    select * from {{ ref('int_bornes_declarees') }}
    where id_pdc is not null and rang = 1

),

-- A point that both files declare is one point, described as Paris does: it knows its own points better.
uniques as (

    select
        *,
        max(case when source = 'irve' then 1 else 0 end) over (partition by id_pdc) = 1 as est_dans_irve
    from fiches
    qualify row_number() over (partition by id_pdc order by source) = 1

),

temps_reel as (

    select * from {{ ref('int_bornes_temps_reel') }}

),

reunis as (

    select
        coalesce(uniques.id_pdc, temps_reel.id_pdc) as id_pdc,
        coalesce(temps_reel.id_pdc_local, uniques.id_pdc_local) as id_pdc_local,
        coalesce(uniques.id_station, temps_reel.id_station_deduit) as id_station,
        uniques.id_pdc is null as est_station_deduite,
        coalesce(uniques.source, 'belib') as source,
        uniques.nom_station,
        coalesce(uniques.adresse, temps_reel.adresse) as adresse,
        coalesce(uniques.code_arrondissement, temps_reel.code_arrondissement) as code_arrondissement,
        case when uniques.id_pdc is null then '75056' else uniques.code_commune end as code_commune,
        case when uniques.id_pdc is null then '75' else uniques.code_departement end as code_departement,
        case
            when uniques.id_pdc is null then 'temps réel de Belib'''
            else uniques.motif_commune
        end as motif_commune,
        case
            when uniques.longitude is null and temps_reel.longitude is not null then 'temps réel de Belib'''
            else coalesce(uniques.motif_coordonnees, 'absentes')
        end as motif_coordonnees,
        coalesce(uniques.longitude, temps_reel.longitude) as longitude,
        coalesce(uniques.latitude, temps_reel.latitude) as latitude,
        uniques.puissance_nominale_kw,
        uniques.est_puissance_en_watts,
        uniques.prise_type_ef,
        uniques.prise_type_2,
        uniques.prise_type_combo_ccs,
        uniques.prise_type_chademo,
        uniques.prise_type_autre,
        uniques.nom_operateur,
        uniques.nom_enseigne,
        uniques.condition_acces,
        uniques.date_mise_en_service,
        coalesce(uniques.source = 'belib', false) as est_dans_statique,
        temps_reel.id_pdc is not null as est_dans_temps_reel,
        coalesce(uniques.est_dans_irve, false) as est_dans_irve,
        coalesce(uniques.nombre_lignes, 0) as nombre_lignes,
        temps_reel.dernier_releve_a
    from uniques
    full outer join temps_reel on uniques.id_pdc = temps_reel.id_pdc

),

final as (

    select
        reunis.*,
        dim_departement.code_region
    from reunis
    left join {{ ref('dim_departement') }} on reunis.code_departement = dim_departement.code_departement

)

select * from final
