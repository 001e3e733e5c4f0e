{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
        post_hook="{{ oublier_les_annees(9) }}",
    )
}}
{#- Tested months (three years) learn from the five years before them, with their lags: nine calendar years before
    the newest hold all of that. The bound moves once a year, and with it the digests of months already forecast. -#}
{%- set annees_gardees = 9 -%}
with

bornes as (

    select max(extract(year from date_locale)) - {{ annees_gardees }} as premiere_annee
    from (
        {%- for fait, mesure in [
            ('fct_consommation_nationale', 'consommation_electricite_mw'),
            ('fct_consommation_regionale', 'consommation_electricite_mw'),
            ('fct_eco2mix_national', 'consommation_mw'),
            ('fct_eco2mix_regional', 'consommation_mw'),
        ] %}
        select max(date_locale) as date_locale
        from {{ ref(fait) }}
        where {{ mesure }} is not null and {{ dans_la_fenetre('mois') }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- if is_incremental() %}
        union all
        select max(date) as date_locale
        from {{ this }}
        where consommation_mw is not null
        {%- endif %}
    ) as dernieres

),

-- The model learns nothing from days on which two data sets disagree.
jours_douteux as (

    select distinct date
    from {{ ref('int_eco2mix_comparer_regions_et_france') }}
    where est_douteux

),

-- Gross consumption, final within a year or two, wins over éCO2mix, which brings the last weeks and RTE's forecast.
brutes as (

    select
        'nation' as maille,
        'FR' as code_territoire,
        date_locale,
        heure_locale,
        consommation_electricite_mw as consommation_mw
    from {{ ref('fct_consommation_nationale') }}
    where
        consommation_electricite_mw is not null
        and not est_heure_fictive
        and est_douteux is not true
        and {{ dans_la_fenetre('mois') }}
        and extract(year from date_locale) >= (select bornes.premiere_annee from bornes)
    union all
    select
        'region' as maille,
        code_region as code_territoire,
        date_locale,
        heure_locale,
        consommation_electricite_mw as consommation_mw
    from {{ ref('fct_consommation_regionale') }}
    where
        consommation_electricite_mw is not null
        and not est_heure_fictive
        and est_douteux is not true
        and {{ dans_la_fenetre('mois') }}
        and extract(year from date_locale) >= (select bornes.premiere_annee from bornes)

),

eco2mix as (

    select
        'nation' as maille,
        'FR' as code_territoire,
        date_locale,
        heure_locale,
        case when date_locale not in (select jours_douteux.date from jours_douteux) then consommation_mw end
            as consommation_mw,
        prevision_j1_mw
    from {{ ref('fct_eco2mix_national') }}
    where
        substr(heure_locale, 4, 2) in ('00', '30')
        and not est_heure_fictive
        and (consommation_mw is not null or prevision_j1_mw is not null)
        and {{ dans_la_fenetre('mois') }}
        and extract(year from date_locale) >= (select bornes.premiere_annee from bornes)
    union all
    select
        'region' as maille,
        code_region as code_territoire,
        date_locale,
        heure_locale,
        consommation_mw,
        cast(null as double) as prevision_j1_mw
    from {{ ref('fct_eco2mix_regional') }}
    where
        substr(heure_locale, 4, 2) in ('00', '30')
        and not est_heure_fictive
        and consommation_mw is not null
        and date_locale not in (select jours_douteux.date from jours_douteux)
        and {{ dans_la_fenetre('mois') }}
        and extract(year from date_locale) >= (select bornes.premiere_annee from bornes)

),

final as (

    select
        coalesce(brutes.maille, eco2mix.maille) as maille,
        coalesce(brutes.code_territoire, eco2mix.code_territoire) as code_territoire,
        coalesce(brutes.date_locale, eco2mix.date_locale) as date,
        {{ mois_de('coalesce(brutes.date_locale, eco2mix.date_locale)') }} as mois,
        coalesce(brutes.heure_locale, eco2mix.heure_locale) as heure_locale,
        coalesce(brutes.consommation_mw, eco2mix.consommation_mw) as consommation_mw,
        eco2mix.prevision_j1_mw
    from brutes
    full outer join eco2mix
        on
            brutes.maille = eco2mix.maille
            and brutes.code_territoire = eco2mix.code_territoire
            and brutes.date_locale = eco2mix.date_locale
            and brutes.heure_locale = eco2mix.heure_locale

)

select * from final
