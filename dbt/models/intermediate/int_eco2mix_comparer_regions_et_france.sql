with

nationale as (

    select
        date_locale as date,
        statut,
        sum(energie_consommation_mwh) as energie_france_mwh,
        count(energie_consommation_mwh) as lectures_france
    from {{ ref('fct_eco2mix_national') }}
    group by date_locale, statut

),

regionale as (

    select
        date_locale as date,
        statut,
        sum(energie_consommation_mwh) as energie_regions_mwh,
        count(energie_consommation_mwh) as lectures_regions
    from {{ ref('fct_eco2mix_regional') }}
    group by date_locale, statut

),

perimetre as (

    select count(*) as nombre_regions from {{ ref('dim_region') }}
    where est_dans_perimetre_rte

),

-- Only days of which the thirteen series have the same readings, and of one status: elsewhere the sums speak of
-- different hours, or of different vintages.
final as (

    select
        nationale.date,
        nationale.statut,
        nationale.energie_france_mwh,
        regionale.energie_regions_mwh,
        (regionale.energie_regions_mwh - nationale.energie_france_mwh)
        / nullif(nationale.energie_france_mwh, 0) as ecart_relatif
    from nationale
    inner join regionale on nationale.date = regionale.date and nationale.statut = regionale.statut
    cross join perimetre
    where
        nationale.lectures_france > 0
        and regionale.lectures_regions = nationale.lectures_france * perimetre.nombre_regions

)

select * from final
