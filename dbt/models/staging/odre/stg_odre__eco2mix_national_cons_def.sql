with

source as (

    select * from {{ source('odre', 'eco2mix_national_cons_def') }}

),

renamed as (

    select
        -- time
        mois,
        date as date_locale,
        heure as heure_locale,
        date_heure as instant_utc,
        {{ est_heure_fictive('date', 'heure') }} as est_heure_fictive,

        -- status
        nullif(trim(nature), '') as statut_publie,

        -- measures
        {{ eco2mix_mesures(eco2mix_mesures_nationales()) }}
    from source

)

select * from renamed
