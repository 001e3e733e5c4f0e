with

source as (

    select * from {{ source('irve', 'bornes_de_recharge_irve') }}

),

places as (

    select
        *,
        {{ arrondissement_du_code('code_insee_commune') }} as code_arrondissement
    from source

),

renamed as (

    select
        {{ identifiant_de_borne('id_pdc_itinerance') }} as id_pdc,
        id_pdc_local,
        coalesce(
            {{ identifiant_de_borne('id_station_itinerance') }}, {{ identifiant_de_borne('id_station_local') }}
        ) as id_station,
        {{ sans_coordonnees('nom_station') }} as nom_station,
        {{ sans_coordonnees('adresse_station') }} as adresse,
        code_arrondissement,
        case
            when code_arrondissement is not null then {{ commune_de_l_arrondissement('code_arrondissement') }}
            when {{ correspond_a('code_insee_commune', '^([013-9][0-9]|2[AB1-9])[0-9]{3}$') }} then code_insee_commune
        end as code_commune,
        {{ nombre_du_point('coordonneesxy', 1) }} as longitude,
        {{ nombre_du_point('coordonneesxy', 2) }} as latitude,
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
        cast(null as varchar) as statut_declare
    from places

)

select * from renamed
