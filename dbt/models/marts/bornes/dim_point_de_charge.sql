with

points as (

    select * from {{ ref('int_bornes_points') }}

),

final as (

    select
        id_pdc,
        id_pdc_local,
        id_station,
        est_station_deduite,
        source,
        code_commune,
        code_arrondissement,
        code_departement,
        code_region,
        motif_commune,
        longitude,
        latitude,
        motif_coordonnees,
        puissance_nominale_kw,
        prise_type_ef,
        prise_type_2,
        prise_type_combo_ccs,
        prise_type_chademo,
        prise_type_autre,
        date_mise_en_service,
        est_dans_statique,
        est_dans_temps_reel,
        est_dans_irve,
        cast(nombre_lignes as integer) as nombre_lignes_publiees,
        dernier_releve_a
    from points

)

select * from final
