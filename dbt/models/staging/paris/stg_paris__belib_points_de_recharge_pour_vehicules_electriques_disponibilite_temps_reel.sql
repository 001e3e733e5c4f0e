with

source as (

    select *
    from
        {{
            source(
                'paris', 'belib_points_de_recharge_pour_vehicules_electriques_disponibilite_temps_reel'
            )
        }}

),

renamed as (

    select
        substr(jour, 1, 7) as mois,
        releve_a,
        {{ identifiant_de_borne('id_pdc') }} as id_pdc,
        id_pdc as id_pdc_local,
        trim(statut_pdc) as statut_publie,
        last_updated as depuis,
        {{ nombre_du_point('coordonneesxy', 2) }} as longitude,
        {{ nombre_du_point('coordonneesxy', 1) }} as latitude,
        adresse_station as adresse,
        {{ arrondissement_de_paris('adresse_station', 'code_insee_commune', 'arrondissement') }} as code_arrondissement
    from source

)

select * from renamed
