{#- Longer than 300 lines because four pairs of data sets are compared in one query, and judged alike. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}
{#- For one half-hour the sets of France and of the regions differ by less than 0.01 % (999 half-hours in 1 000 from
    2017-10 to 2019); RTE's files and the sets made of them are whole MW and equal (0 MW on five years of a region). -#}
{%- set ecart_du_jour = 0.005 -%}
{%- set ecart_de_la_lecture = 0.02 -%}
{%- set egalite_mw = 0.5 -%}
{%- set lectures = {'national': 'cast(null as string)', 'regional': 'lues.code_region'} -%}
{%- set brute_france = 'consommation-quotidienne-brute' -%}
{%- set brute_regions = 'consommation-quotidienne-brute-regionale' %}
with

perimetre as (

    select count(*) as nombre_regions from {{ ref('dim_region') }}
    where est_dans_perimetre_rte

),

lectures_rte as (

    {%- for nom, code_region in lectures.items() %}
    select
        lues.mois,
        {{ code_region }} as code_region,
        lues.date_locale,
        lues.heure_locale,
        lues.jeu_de_donnees,
        lues.statut,
        lues.rang,
        lues.consommation_mw
    from {{ ref('int_eco2mix_' ~ nom ~ '_reuni') }} as lues
    where
        {{ dans_la_fenetre('lues.mois') }}
        and lues.source = 'RTE'
        and not lues.est_heure_fictive
        and lues.consommation_mw is not null
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

-- What RTE's files say of a label, by their best status.
rte as (

    select * from lectures_rte
    qualify row_number() over (
        partition by mois, code_region, date_locale, heure_locale
        order by rang asc, consommation_mw desc
    ) = 1

),

-- Of France, its own file, or else those of all twelve regions.
rte_france as (

    select
        rte.mois,
        rte.date_locale,
        rte.heure_locale,
        coalesce(
            max(case when rte.code_region is null then rte.consommation_mw end),
            case
                when count(rte.code_region) = max(perimetre.nombre_regions)
                    then sum(case when rte.code_region is not null then rte.consommation_mw end)
            end
        ) as rte_mw
    from rte
    cross join perimetre
    group by rte.mois, rte.date_locale, rte.heure_locale

),

-- Days on which the two data sets of ODRÉ disagree: the others are not looked at again.
jours_bruts as (

    select
        mois,
        date
    from {{ ref('int_consommation_comparer_regions_et_france') }}
    where (est_douteux or demi_heures_en_desaccord > 0) and {{ dans_la_fenetre('mois') }}

),

jours_eco2mix as (

    select
        mois,
        date,
        statut
    from {{ ref('int_eco2mix_comparer_regions_et_france') }}
    where abs(ecart_relatif) > {{ ecart_du_jour }} and {{ dans_la_fenetre('mois') }}

),

regions_brutes as (

    select
        regions.mois,
        regions.date_locale,
        regions.heure_locale,
        sum(regions.consommation_electricite_mw) as regions_mw,
        count(regions.consommation_electricite_mw) as nombre_regions
    from {{ ref('fct_consommation_regionale') }} as regions
    inner join jours_bruts on regions.mois = jours_bruts.mois and regions.date_locale = jours_bruts.date
    where {{ dans_la_fenetre('regions.mois') }} and not regions.est_heure_fictive
    group by regions.mois, regions.date_locale, regions.heure_locale

),

-- ODRÉ's readings of days on which there is something to compare: mostly none.
jours_a_comparer as (

    select
        mois,
        date_locale
    from rte
    union distinct
    select
        mois,
        date as date_locale
    from jours_eco2mix

),

lectures_odre as (

    {%- for nom, code_region in lectures.items() %}
    select
        lues.mois,
        {{ code_region }} as code_region,
        lues.date_locale,
        lues.heure_locale,
        lues.jeu_de_donnees,
        lues.statut,
        lues.rang,
        lues.consommation_mw
    from {{ ref('int_eco2mix_' ~ nom ~ '_reuni') }} as lues
    inner join jours_a_comparer
        on lues.mois = jours_a_comparer.mois and lues.date_locale = jours_a_comparer.date_locale
    where
        {{ dans_la_fenetre('lues.mois') }}
        and lues.source = 'ODRÉ'
        and not lues.est_heure_fictive
        and lues.consommation_mw is not null
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

odre_eco2mix as (

    select * from lectures_odre
    qualify row_number() over (
        partition by mois, code_region, date_locale, heure_locale, jeu_de_donnees
        order by rang asc, consommation_mw desc
    ) = 1

),

regions_eco2mix as (

    select
        odre_eco2mix.mois,
        odre_eco2mix.date_locale,
        odre_eco2mix.heure_locale,
        odre_eco2mix.statut,
        min(odre_eco2mix.jeu_de_donnees) as jeu_de_donnees,
        sum(odre_eco2mix.consommation_mw) as regions_mw,
        count(*) as nombre_regions
    from odre_eco2mix
    inner join jours_eco2mix
        on
            odre_eco2mix.mois = jours_eco2mix.mois
            and odre_eco2mix.date_locale = jours_eco2mix.date
            and odre_eco2mix.statut = jours_eco2mix.statut
    where odre_eco2mix.code_region is not null
    group by odre_eco2mix.mois, odre_eco2mix.date_locale, odre_eco2mix.heure_locale, odre_eco2mix.statut

),

paires as (

    select
        '{{ brute_france }}' as premier_jeu,
        '{{ brute_regions }}' as second_jeu,
        cast(null as string) as code_region,
        france.mois,
        france.date_locale,
        france.heure_locale,
        france.consommation_electricite_mw as premiere_mw,
        regions_brutes.regions_mw as seconde_mw,
        rte_france.rte_mw,
        {{ ecart_de_la_lecture }} * france.consommation_electricite_mw as tolerance_mw
    from {{ ref('fct_consommation_nationale') }} as france
    inner join regions_brutes
        on
            france.mois = regions_brutes.mois
            and france.date_locale = regions_brutes.date_locale
            and france.heure_locale = regions_brutes.heure_locale
    inner join perimetre on regions_brutes.nombre_regions = perimetre.nombre_regions
    left join rte_france
        on
            france.mois = rte_france.mois
            and france.date_locale = rte_france.date_locale
            and france.heure_locale = rte_france.heure_locale
    where
        {{ dans_la_fenetre('france.mois') }}
        and not france.est_heure_fictive
        and france.consommation_electricite_mw is not null
    union all
    select
        france.jeu_de_donnees as premier_jeu,
        regions_eco2mix.jeu_de_donnees as second_jeu,
        cast(null as string) as code_region,
        france.mois,
        france.date_locale,
        france.heure_locale,
        france.consommation_mw as premiere_mw,
        regions_eco2mix.regions_mw as seconde_mw,
        rte_france.rte_mw,
        {{ ecart_de_la_lecture }} * france.consommation_mw as tolerance_mw
    from odre_eco2mix as france
    inner join regions_eco2mix
        on
            france.mois = regions_eco2mix.mois
            and france.date_locale = regions_eco2mix.date_locale
            and france.heure_locale = regions_eco2mix.heure_locale
            and france.statut = regions_eco2mix.statut
    inner join perimetre on regions_eco2mix.nombre_regions = perimetre.nombre_regions
    left join rte_france
        on
            france.mois = rte_france.mois
            and france.date_locale = rte_france.date_locale
            and france.heure_locale = rte_france.heure_locale
    where france.code_region is null
    union all
    -- Readings of equal status: those of real time are corrected, and are no fault of whoever was read earlier.
    select
        odre_eco2mix.jeu_de_donnees as premier_jeu,
        rte.jeu_de_donnees as second_jeu,
        odre_eco2mix.code_region,
        odre_eco2mix.mois,
        odre_eco2mix.date_locale,
        odre_eco2mix.heure_locale,
        odre_eco2mix.consommation_mw as premiere_mw,
        rte.consommation_mw as seconde_mw,
        rte.consommation_mw as rte_mw,
        {{ egalite_mw }} as tolerance_mw
    from odre_eco2mix
    inner join rte
        on
            odre_eco2mix.mois = rte.mois
            and coalesce(odre_eco2mix.code_region, 'FR') = coalesce(rte.code_region, 'FR')
            and odre_eco2mix.date_locale = rte.date_locale
            and odre_eco2mix.heure_locale = rte.heure_locale
            and odre_eco2mix.rang = rte.rang
    union all
    select
        '{{ brute_regions }}' as premier_jeu,
        rte.jeu_de_donnees as second_jeu,
        rte.code_region,
        rte.mois,
        rte.date_locale,
        rte.heure_locale,
        regions.consommation_electricite_mw as premiere_mw,
        rte.consommation_mw as seconde_mw,
        rte.consommation_mw as rte_mw,
        {{ egalite_mw }} as tolerance_mw
    from rte
    inner join {{ ref('fct_consommation_regionale') }} as regions
        on
            rte.mois = regions.mois
            and rte.code_region = regions.code_region
            and rte.date_locale = regions.date_locale
            and rte.heure_locale = regions.heure_locale
    where
        {{ dans_la_fenetre('regions.mois') }}
        and rte.statut = 'définitif'
        and regions.consommation_electricite_mw is not null

),

classees as (

    select
        *,
        abs(seconde_mw - premiere_mw) > tolerance_mw as est_un_ecart,
        case
            when rte_mw is null then null
            when abs(rte_mw - premiere_mw) <= tolerance_mw then 'premier'
            when abs(rte_mw - seconde_mw) <= tolerance_mw then 'second'
            else 'aucun'
        end as soutien,
        row_number() over (
            partition by premier_jeu, second_jeu, code_region, mois, date_locale
            order by abs(seconde_mw - premiere_mw) desc, heure_locale asc
        ) as rang_ecart
    from paires

),

-- Sums are exact, so that the order of the rows does not matter.
jours as (

    select
        mois,
        code_region,
        date_locale,
        premier_jeu,
        second_jeu,
        cast(count(*) as integer) as nombre_lectures,
        cast(count(case when est_un_ecart then 1 end) as integer) as lectures_en_ecart,
        cast(sum(cast(premiere_mw as decimal(18, 3))) as double) / count(*) as premiere_moyenne_mw,
        cast(sum(cast(seconde_mw as decimal(18, 3))) as double) / count(*) as seconde_moyenne_mw,
        max(case when rang_ecart = 1 then heure_locale end) as heure_du_plus_grand_ecart,
        max(case when rang_ecart = 1 then premiere_mw end) as premiere_mw,
        max(case when rang_ecart = 1 then seconde_mw end) as seconde_mw,
        max(case when rang_ecart = 1 then rte_mw end) as rte_mw,
        cast(count(case when est_un_ecart and soutien = 'premier' then 1 end) as integer) as lectures_pour_le_premier,
        cast(count(case when est_un_ecart and soutien = 'second' then 1 end) as integer) as lectures_pour_le_second,
        cast(count(case when est_un_ecart and soutien is not null then 1 end) as integer) as lectures_jugees
    from classees
    group by mois, code_region, date_locale, premier_jeu, second_jeu

),

final as (

    select
        mois,
        code_region,
        date_locale,
        premier_jeu,
        second_jeu,
        nombre_lectures,
        lectures_en_ecart,
        premiere_moyenne_mw,
        seconde_moyenne_mw,
        heure_du_plus_grand_ecart,
        premiere_mw,
        seconde_mw,
        rte_mw,
        lectures_pour_le_premier,
        lectures_pour_le_second,
        case
            when lectures_jugees = 0 then 'sans fichier de RTE'
            when lectures_pour_le_premier > lectures_pour_le_second then 'premier jeu'
            when lectures_pour_le_second > lectures_pour_le_premier then 'second jeu'
            else 'ni l''un ni l''autre'
        end as soutien_de_rte
    from jours
    where
        lectures_en_ecart > 0
        or abs(seconde_moyenne_mw - premiere_moyenne_mw) > {{ ecart_du_jour }} * premiere_moyenne_mw

)

select * from final
