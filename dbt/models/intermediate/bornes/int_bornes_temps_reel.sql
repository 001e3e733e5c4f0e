with

etats as (

    select *
    from
        {{
            ref(
                'stg_paris__belib_points_de_recharge_pour_vehicules_electriques_disponibilite_temps_reel'
            )
        }}

),

-- The history grows by two million rows in ten days, so only one state of each point is sorted below.
derniers as (

    select
        id_pdc_local,
        max(releve_a) as releve_a
    from etats
    group by id_pdc_local

),

-- Where a point is, according to the newest state that has it.
final as (

    select
        etats.id_pdc,
        etats.id_pdc_local,
        {{ identifiant_de_borne(station_du_point('etats.id_pdc_local')) }} as id_station_deduit,
        etats.adresse,
        etats.code_arrondissement,
        etats.longitude,
        etats.latitude,
        etats.releve_a as dernier_releve_a
    from etats
    inner join derniers on etats.id_pdc_local = derniers.id_pdc_local and etats.releve_a = derniers.releve_a
    qualify
        row_number() over (
            partition by etats.id_pdc
            order by
                etats.releve_a desc,
                etats.id_pdc_local asc,
                etats.statut_publie asc,
                etats.adresse asc nulls last,
                etats.longitude asc nulls last,
                etats.latitude asc nulls last
        ) = 1

)

select * from final
