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

-- What the newest state that has the point says of its place.
final as (

    select
        id_pdc,
        id_pdc_local,
        {{ identifiant_de_borne(station_du_point('id_pdc_local')) }} as id_station_deduit,
        adresse,
        code_arrondissement,
        longitude,
        latitude,
        releve_a as dernier_releve_a
    from etats
    qualify
        row_number() over (
            partition by id_pdc
            order by
                releve_a desc,
                id_pdc_local asc,
                statut_publie asc,
                adresse asc nulls last,
                longitude asc nulls last,
                latitude asc nulls last
        ) = 1

)

select * from final
