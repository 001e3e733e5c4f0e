with

source as (

    select * from {{ source('odre', 'imports_exports_commerciaux') }}

),

renamed as (

    select
        -- time
        mois,
        date,
        position as tranche_horaire,

        -- measures: MWh of one hour on the portal, so mean MW
        fr_gb as export_gb_mw,
        gb_fr as import_gb_mw,
        fr_cwe as export_cwe_mw,
        cwe_fr as import_cwe_mw,
        fr_ch as export_ch_mw,
        ch_fr as import_ch_mw,
        fr_it as export_it_mw,
        it_fr as import_it_mw,
        fr_es as export_es_mw,
        es_fr as import_es_mw,
        export_france as export_total_mw,
        import_france as import_total_mw
    from source

)

select * from renamed
