{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}
with

nationale as (

    select
        mois,
        date_locale as date,
        statut,
        sum(energie_consommation_mwh) as energie_france_mwh,
        count(energie_consommation_mwh) as lectures_france
    from {{ ref('fct_eco2mix_national') }}
    where {{ dans_la_fenetre('mois') }}
    group by mois, date_locale, statut

),

regionale as (

    select
        mois,
        date_locale as date,
        statut,
        sum(energie_consommation_mwh) as energie_regions_mwh,
        count(energie_consommation_mwh) as lectures_regions
    from {{ ref('fct_eco2mix_regional') }}
    where {{ dans_la_fenetre('mois') }}
    group by mois, date_locale, statut

),

perimetre as (

    select count(*) as nombre_regions from {{ ref('dim_region') }}
    where est_dans_perimetre_rte

),

-- Only days on which all thirteen series have the same readings and one status: other sums cover different hours or
-- different vintages.
ecarts as (

    select
        nationale.mois,
        nationale.date,
        nationale.statut,
        nationale.energie_france_mwh,
        regionale.energie_regions_mwh,
        (regionale.energie_regions_mwh - nationale.energie_france_mwh)
        / nullif(nationale.energie_france_mwh, 0) as ecart_relatif,
        cast(nationale.lectures_france + regionale.lectures_regions as integer) as nombre_lectures
    from nationale
    inner join regionale
        on
            nationale.mois = regionale.mois
            and nationale.date = regionale.date
            and nationale.statut = regionale.statut
    cross join perimetre
    where
        nationale.lectures_france > 0
        and regionale.lectures_regions = nationale.lectures_france * perimetre.nombre_regions

),

-- In real time each series is corrected at its own hour (0.1 to 0.2 % apart on a day), so these days are not judged.
final as (

    select
        *,
        statut <> 'temps réel' and coalesce(abs(ecart_relatif) > 0.005, false) as est_douteux
    from ecarts

)

select * from final
