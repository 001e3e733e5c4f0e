with

source as (

    select * from {{ source('irve', 'bornes_de_recharge_irve') }}

),

masques as (

    select
        *,
        {{ sans_coordonnees('nom_station') }} as nom_station_lu,
        {{ sans_coordonnees('adresse_station') }} as adresse,
        {{ code_de_commune_lu('code_insee_commune') }} as code_lu
    from source

),

renamed as (

    select
        coalesce(
            {{ identifiant_afirev('id_pdc_itinerance') }}, {{ identifiant_afirev('id_pdc_local') }}
        ) as id_pdc_itinerance,
        coalesce(
            {{ identifiant_local('id_pdc_local') }}, {{ identifiant_local('id_pdc_itinerance') }}
        ) as identifiant_local,
        id_pdc_local,
        coalesce(
            {{ identifiant_afirev('id_station_itinerance') }}, {{ identifiant_afirev('id_station_local') }}
        ) as id_station_itinerance,
        coalesce(
            {{ identifiant_local('id_station_local') }}, {{ identifiant_local('id_station_itinerance') }}
        ) as station_locale,
        nom_station_lu as nom_station,
        adresse,
        code_insee_commune as code_publie,
        code_lu,
        {{ arrondissement_du_code('code_lu') }} as code_arrondissement,
        nullif(trim(consolidated_code_postal), '') as code_postal_consolide,
        {{ nom_de_commune_comparable('consolidated_commune') }} as nom_consolide,
        {{ code_postal_de_l_adresse('adresse') }} as code_postal_adresse,
        {{ nom_de_commune_comparable(commune_de_l_adresse('adresse')) }} as nom_adresse,
        {{ nombre_du_point('coordonneesxy', 1) }} as premiere_coordonnee,
        {{ nombre_du_point('coordonneesxy', 2) }} as seconde_coordonnee,
        try_cast(consolidated_longitude as double) as longitude_consolidee,
        try_cast(consolidated_latitude as double) as latitude_consolidee,
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
        try_cast(substr(date_maj, 1, 10) as date) as date_maj
    from masques

)

select * from renamed
