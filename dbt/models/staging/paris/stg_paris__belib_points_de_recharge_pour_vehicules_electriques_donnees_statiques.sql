with

source as (

    select *
    from
        {{
            source(
                'paris', 'belib_points_de_recharge_pour_vehicules_electriques_donnees_statiques'
            )
        }}

),

renamed as (

    select
        coalesce({{ identifiant_de_borne('id_pdc_itinerance') }}, {{ identifiant_de_borne('id_pdc_local') }}) as id_pdc,
        id_pdc_local,
        coalesce(
            {{ identifiant_de_borne('id_station_itinerance') }}, {{ identifiant_de_borne('id_station_local') }}
        ) as id_station,
        {{ sans_coordonnees('nom_station') }} as nom_station,
        {{ sans_coordonnees('adresse_station') }} as adresse,
        {{ arrondissement_de_paris('adresse_station', 'code_insee_commune', 'arrondissement') }} as code_arrondissement,
        '75056' as code_commune,
        {{ nombre_du_point('coordonneesxy', 2) }} as longitude,
        {{ nombre_du_point('coordonneesxy', 1) }} as latitude,
        {{ puissance_kw('puissance_nominale') }} as puissance_nominale_kw,
        coalesce(puissance_nominale > 1000, false) as est_puissance_en_watts,
        {{ vrai('prise_type_ef') }} as prise_type_ef,
        {{ vrai('prise_type_2') }} as prise_type_2,
        {{ vrai('prise_type_combo_ccs') }} as prise_type_combo_ccs,
        {{ vrai('prise_type_chademo') }} as prise_type_chademo,
        {{ vrai('prise_type_autre') }} as prise_type_autre,
        {{ sans_coordonnees('nom_operateur') }} as nom_operateur,
        {{ sans_coordonnees('nom_enseigne') }} as nom_enseigne,
        {{ sans_coordonnees('condition_acces') }} as condition_acces,
        try_cast(substr(date_mise_en_service, 1, 10) as date) as date_mise_en_service,
        try_cast(substr(date_maj, 1, 10) as date) as date_maj,
        statut_pdc as statut_declare
    from source

)

select * from renamed
