with

source as (

    select * from {{ source('odre', 'consommation_quotidienne_brute') }}

),

renamed as (

    select
        -- time
        mois,
        cast({{ heure_de_paris('date_heure') }} as date) as date_locale,
        date as date_publiee,
        lpad(heure, 5, '0') as heure_locale,
        date_heure as instant_utc,

        -- measures
        consommation_brute_electricite_rte as consommation_electricite_mw,
        consommation_brute_gaz_totale as consommation_gaz_mw,
        consommation_brute_gaz_grtgaz as consommation_gaz_natran_mw,
        consommation_brute_gaz_terega as consommation_gaz_terega_mw,
        consommation_brute_totale as consommation_totale_mw,

        -- statuses
        nullif(trim(statut_rte), '') as statut_electricite_publie,
        nullif(trim(statut_grtgaz), '') as statut_gaz_natran_publie,
        nullif(trim(statut_terega), '') as statut_gaz_terega_publie,

        -- what the portal says itself: `non` keeps the row, any other word rejects it
        flag_ignore as marque_publiee,
        coalesce(nullif(lower(trim(flag_ignore)), ''), 'non') <> 'non' as est_ignoree
    from source

),

final as (

    select
        *,
        {{ est_heure_fictive('date_locale', 'heure_locale') }} as est_heure_fictive
    from renamed

)

select * from final
