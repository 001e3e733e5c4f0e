{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}
{#- For one half-hour the two sets differ by less than 0.01 % (999 half-hours in 1 000 from 2017-10 to 2019). -#}
{%- set ecart_du_jour = 0.005 -%}
{%- set ecart_de_la_demi_heure = 0.02 -%}
{%- set demi_heures_en_desaccord = 4 -%}
with

nationale as (

    select
        mois,
        date_locale,
        heure_locale,
        consommation_electricite_mw as france_mw
    from {{ ref('int_consommation_nationale_lectures') }}
    where {{ dans_la_fenetre('mois') }} and not est_heure_fictive and consommation_electricite_mw is not null

),

regionale as (

    select
        mois,
        date_locale,
        heure_locale,
        sum(consommation_electricite_mw) as regions_mw,
        count(consommation_electricite_mw) as nombre_regions
    from {{ ref('int_consommation_regionale_lectures') }}
    where {{ dans_la_fenetre('mois') }} and not est_heure_fictive
    group by mois, date_locale, heure_locale

),

perimetre as (

    select count(*) as nombre_regions from {{ ref('dim_region') }}
    where est_dans_perimetre_rte

),

-- Only half-hours that all thirteen series have: other sums cannot be compared.
demi_heures as (

    select
        nationale.mois,
        nationale.date_locale,
        nationale.france_mw,
        regionale.regions_mw
    from nationale
    inner join regionale
        on
            nationale.mois = regionale.mois
            and nationale.date_locale = regionale.date_locale
            and nationale.heure_locale = regionale.heure_locale
    inner join perimetre on regionale.nombre_regions = perimetre.nombre_regions

),

jours as (

    select
        mois,
        date_locale as date,
        -- Exact, so that the order of the rows does not matter.
        0.5 * cast(sum(cast(france_mw as decimal(18, 3))) as double) as energie_france_mwh,
        0.5 * cast(sum(cast(regions_mw as decimal(18, 3))) as double) as energie_regions_mwh,
        cast(count(*) as integer) as nombre_demi_heures,
        cast(
            count(*) filter (where abs(regions_mw - france_mw) > {{ ecart_de_la_demi_heure }} * france_mw) as integer
        ) as demi_heures_en_desaccord
    from demi_heures
    group by mois, date_locale

),

ecarts as (

    select
        *,
        (energie_regions_mwh - energie_france_mwh) / nullif(energie_france_mwh, 0) as ecart_relatif
    from jours

),

final as (

    select
        *,
        coalesce(abs(ecart_relatif) > {{ ecart_du_jour }}, false)
        or demi_heures_en_desaccord >= {{ demi_heures_en_desaccord }} as est_douteux
    from ecarts

)

select * from final
