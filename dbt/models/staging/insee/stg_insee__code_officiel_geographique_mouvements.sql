with

source as (

    select * from {{ source('insee', 'code_officiel_geographique_mouvements') }}

),

renamed as (

    select
        edition,
        cast(edition as integer) as millesime,
        mod as code_evenement,
        date_eff as date_effet,
        typecom_av as type_avant,
        com_av as code_avant,
        libelle_av as nom_avant,
        typecom_ap as type_apres,
        com_ap as code_apres,
        libelle_ap as nom_apres
    from source

)

select * from renamed
