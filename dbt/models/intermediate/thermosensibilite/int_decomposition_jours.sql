with

-- The same complete days and smoothed temperature as for the weather sensitivity.
jours as (

    select
        code_territoire,
        energie,
        date,
        temperature_mc / 1e3 as temperature_lissee_c,
        puissance_kw * nombre_heures / 1e3 as energie_mwh
    from {{ ref('int_thermosensibilite_jours') }}

),

dates as (

    select
        date,
        mois_de_annee,
        type_jour,
        est_pont,
        -- France: the share of its three zones, which have about as many pupils each; unknown as soon as one of them
        -- is.
        (
            case when est_vacances_zone_a then 1e0 when not est_vacances_zone_a then 0e0 end
            + case when est_vacances_zone_b then 1e0 when not est_vacances_zone_b then 0e0 end
            + case when est_vacances_zone_c then 1e0 when not est_vacances_zone_c then 0e0 end
        ) / 3 as part_vacances
    from {{ ref('dim_date') }}

),

final as (

    select
        jours.code_territoire as code_region,
        jours.energie,
        jours.date,
        jours.energie_mwh,
        jours.temperature_lissee_c,
        dates.mois_de_annee,
        dates.type_jour,
        dates.est_pont,
        case when jours.code_territoire = 'FR' then dates.part_vacances else regions.part_vacances_scolaires end
            as part_vacances
    from jours
    inner join dates on jours.date = dates.date
    left join {{ ref('mart_conso_quotidienne_region') }} as regions
        on jours.code_territoire = regions.code_region and jours.date = regions.date

)

select * from final
