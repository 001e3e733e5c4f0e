with

source as (

    select * from {{ source('insee', 'populations_legales_communes') }}

),

-- Two generations of headers: only the old one has `codreg`; there `reg` and `com` are names, in the new one codes.
renamed as (

    select
        edition,
        cast(edition as integer) as annee,
        coalesce(codreg, reg) as code_region,
        case when codreg is null then region else reg end as nom_region,
        dep as code_departement,
        -- Overseas the département has three characters, of which the commune repeats the last: 974 and 423 are 97423.
        substr(dep, 1, 2) || codcom as code_commune,
        case when codreg is null then com end as code_commune_publie,
        case when codreg is null then commune else com end as nom_commune,
        cast(pmun as bigint) as population_municipale_hab,
        cast(pcap as bigint) as population_comptee_a_part_hab,
        cast(ptot as bigint) as population_totale_hab
    from source

)

select * from renamed
