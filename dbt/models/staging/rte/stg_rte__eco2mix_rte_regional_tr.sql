with

source as (

    select * from {{ source('rte', 'eco2mix_rte_regional_tr') }}

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
        consommation as consommation_mw,
        thermique as thermique_mw,
        nucleaire as nucleaire_mw,
        eolien as eolien_mw,
        solaire as solaire_mw,
        hydraulique as hydraulique_mw,
        bioenergies as bioenergies_mw,
        pompage as pompage_mw,
        ech_physiques as ech_physiques_mw,
        cast(null as double) as eolien_terrestre_mw,
        cast(null as double) as eolien_offshore_mw,
        stockage_batterie as stockage_batterie_mw,
        destockage_batterie as destockage_batterie_mw,
        cast(null as double) as tco_thermique_pct,
        cast(null as double) as tco_nucleaire_pct,
        cast(null as double) as tco_eolien_pct,
        cast(null as double) as tco_solaire_pct,
        cast(null as double) as tco_hydraulique_pct,
        cast(null as double) as tco_bioenergies_pct,
        cast(null as double) as tch_thermique_pct,
        cast(null as double) as tch_nucleaire_pct,
        cast(null as double) as tch_eolien_pct,
        cast(null as double) as tch_solaire_pct,
        cast(null as double) as tch_hydraulique_pct,
        cast(null as double) as tch_bioenergies_pct
    from source

)

select * from renamed
