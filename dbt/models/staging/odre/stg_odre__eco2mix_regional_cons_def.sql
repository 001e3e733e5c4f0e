with

source as (

    select * from {{ source('odre', 'eco2mix_regional_cons_def') }}

),

renamed as (

    select
        -- territory
        code_insee_region as code_region,

        -- time
        mois,
        date as date_locale,
        heure as heure_locale,
        date_heure as instant_utc,
        {{ est_heure_fictive('date', 'heure') }} as est_heure_fictive,

        -- status
        nullif(trim(nature), '') as statut_publie,

        -- measures
        {{ eco2mix_mesures(eco2mix_mesures_regionales()) }}
    from source

)

select * from renamed
