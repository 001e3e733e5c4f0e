{#- éCO2mix: the published measures and the body shared by the national and the regional fact. -#}

{#- Measures of the national sets: published name, name in the warehouse. -#}
{% macro eco2mix_mesures_nationales() -%}
    {%- set puissances = [
        'consommation', 'prevision_j1', 'prevision_j', 'fioul', 'charbon', 'gaz', 'nucleaire', 'eolien', 'solaire',
        'hydraulique', 'pompage', 'bioenergies', 'ech_physiques', 'ech_comm_angleterre', 'ech_comm_espagne',
        'ech_comm_italie', 'ech_comm_suisse', 'ech_comm_allemagne_belgique', 'fioul_tac', 'fioul_cogen',
        'fioul_autres', 'gaz_tac', 'gaz_cogen', 'gaz_ccg', 'gaz_autres', 'hydraulique_fil_eau_eclusee',
        'hydraulique_lacs', 'hydraulique_step_turbinage', 'bioenergies_dechets', 'bioenergies_biomasse',
        'bioenergies_biogaz', 'eolien_terrestre', 'eolien_offshore', 'stockage_batterie', 'destockage_batterie',
    ] -%}
    {%- set mesures = [] -%}
    {%- for nom in puissances -%} {%- do mesures.append((nom, nom ~ '_mw')) -%} {%- endfor -%}
    {{ return(mesures + [('taux_co2', 'taux_co2_g_par_kwh')]) }}
{%- endmacro %}


{#- Measures of the regional sets: published name, name in the warehouse. -#}
{% macro eco2mix_mesures_regionales() -%}
    {%- set filieres = ['thermique', 'nucleaire', 'eolien', 'solaire', 'hydraulique', 'bioenergies'] -%}
    {%- set puissances = ['consommation'] + filieres + [
        'pompage', 'ech_physiques', 'eolien_terrestre', 'eolien_offshore', 'stockage_batterie', 'destockage_batterie',
    ] -%}
    {%- set mesures = [] -%}
    {%- for nom in puissances -%} {%- do mesures.append((nom, nom ~ '_mw')) -%} {%- endfor -%}
    {%- for taux in ['tco', 'tch'] -%}
        {%- for nom in filieres -%}
            {%- do mesures.append((taux ~ '_' ~ nom, taux ~ '_' ~ nom ~ '_pct')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(mesures) }}
{%- endmacro %}


{#- Select list of a staging model; `absentes` are the measures that its data set does not publish. -#}
{% macro eco2mix_mesures(mesures, absentes=[]) -%}
    {%- for publie, nom in mesures %}
        {% if publie in absentes -%}
        cast(null as double) as {{ nom }}
        {%- elif publie in ['prevision_j', 'prevision_j1'] -%}
        -- France never needs 0 MW: 0 stands for missing (seen on 2015-03-17, 2021-04-10 and 2021-04-11).
        nullif({{ publie }}, 0) as {{ nom }}
        {%- else -%}
        {{ publie }} as {{ nom }}
        {%- endif -%}
        {{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- Select list of an intermediate model: which half-hour a label lies in, and whether anything was read there. The
    forecasts are not readings: they also fill the labels of the future. -#}
{% macro eco2mix_demi_heure(lectures) -%}
        substr(heure_locale, 1, 3) || case when substr(heure_locale, 4, 2) < '30' then '00' else '30' end
            as demi_heure_locale,
        coalesce({{ lectures | join(', ') }}) is not null as a_une_lecture
{%- endmacro %}


{#- Aggregate: step in minutes of exchanges over a day of one status, seen from the labels at which they were read.

    They need not have the step of consumption: in real time, where it is quarter-hourly, the commercial ones were
    half-hourly in 2016, 2017 and 2021 and are quarter-hourly since 2025 at the latest. One lone reading has no step. -#}
{% macro pas_observe_minutes(mesure) -%}
    case
        when count({{ mesure }}) < 2 then null
        when count(case when substr(heure_locale, 4, 2) in ('15', '45') then {{ mesure }} end) > 0 then 15
        when count(case when substr(heure_locale, 4, 2) = '30' then {{ mesure }} end) > 0 then 30
        else 60
    end
{%- endmacro %}


{#- Body of the two facts, which differ by their territory and their measures only. `echanges` are the measures that
    become energies with a step of their own.

    One row per (territory, civil day, label). Everything in a row comes from its own month, so that renewing one
    month gives what a full build gives. -#}
{% macro fait_eco2mix(reuni, mesures, territoire=[], echanges=['ech_physiques']) -%}
{%- set cle_du_mois = ['mois'] + territoire -%}
{%- set cle_du_jour = cle_du_mois + ['date_locale'] -%}
with

publiees as (

    select * from {{ reuni }}
    where {{ dans_la_fenetre('mois') }}

),

-- The best status that was read in a half-hour takes the whole half-hour: a consolidated reading at :00 stands for
-- 30 minutes, and the real-time reading at :15 that it replaces must not be counted beside it. A better status that
-- brings no reading (placeholder rows) does not hide a reading.
demi_heures as (

    select
        {{ cle_du_jour | join(', ') }},
        demi_heure_locale,
        coalesce(min(case when a_une_lecture then rang end), min(rang)) as rang_retenu
    from publiees
    group by {{ cle_du_jour | join(', ') }}, demi_heure_locale

),

-- A day of one status is quarter-hourly when something was consumed at :15 or :45; the grid tells nothing, for
-- consolidated national rows are printed every quarter of an hour and read every half-hour. One lone reading has no
-- step: it is the first of the day in real time, whose follower is not published yet.
pas as (

    select
        {{ cle_du_jour | join(', ') }},
        rang,
        case
            when count(consommation_mw) < 2 then null
            when count(case when substr(heure_locale, 4, 2) in ('15', '45') then consommation_mw end) > 0 then 15
            else 30
        end as pas_minutes,
        {%- for echange in echanges %}
        {{ pas_observe_minutes(echange ~ '_mw') }} as pas_{{ echange }}{{ ',' if not loop.last }}
        {%- endfor %}
    from publiees
    where not est_heure_fictive
    group by {{ cle_du_jour | join(', ') }}, rang

),

-- Equal labels of equal status are a publisher's error, and nothing tells which is right: the choice is only made
-- stable. The latest instant wins, then the largest values.
retenues as (

    select
        publiees.*,
        -- A reading of unknown status is kept where nothing else has its label, without energy beside a known one.
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_minutes end as pas_minutes,
        {%- for echange in echanges %}
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_{{ echange }} end as pas_{{ echange }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from publiees
    inner join demi_heures
        on
            {% for colonne in cle_du_jour + ['demi_heure_locale'] -%}
            publiees.{{ colonne }} = demi_heures.{{ colonne }} and {{ '' }}
            {%- endfor %}
            (
                publiees.rang = demi_heures.rang_retenu
                or (publiees.statut is null and publiees.a_une_lecture)
            )
    left join pas
        on
            {% for colonne in cle_du_jour + ['rang'] -%}
            publiees.{{ colonne }} = pas.{{ colonne }}{{ ' and ' if not loop.last }}
            {%- endfor %}

),

uniques as (

    select *
    from retenues
    qualify row_number() over (
        partition by {{ cle_du_jour | join(', ') }}, heure_locale
        order by
            rang asc,
            instant_utc desc,
            {% for _, nom in mesures -%}
            {{ nom }} desc nulls last{{ ', ' if not loop.last }}
            {%- endfor %}
    ) = 1

),

final as (

    select
        mois,
        {%- for colonne in territoire %}
        {{ colonne }},
        {%- endfor %}
        date_locale,
        heure_locale,
        instant_utc,
        est_heure_fictive,
        statut,
        pas_minutes,
        {%- for _, nom in mesures %}
        {{ nom }},
        {%- endfor %}
        {{ energie_mwh('consommation_mw', 'pas_minutes / 60.0') }} as energie_consommation_mwh,
        {%- for echange in echanges %}
        {{ energie_mwh(echange ~ '_mw', 'pas_' ~ echange ~ ' / 60.0') }} as energie_{{ echange }}_mwh
        {{- ',' if not loop.last }}
        {%- endfor %}
    from uniques

)

select * from final
{%- endmacro %}


{#- A wide fact with one column per filière, ready to be unpivoted. Labels at which the territory has no reading are
    left out: :15 and :45 of consolidated days, and the future. -#}
{% macro puissances_par_filiere(large, territoire, code_region, filieres) -%}
    select
        mois,
        {{ territoire }} as territoire,
        {{ code_region }} as code_region,
        date_locale,
        heure_locale,
        instant_utc,
        est_heure_fictive,
        statut,
        pas_minutes,
        {%- for filiere in filieres %}
        {{ filiere }}_mw as {{ filiere }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ large }}
    where
        {{ dans_la_fenetre('mois') }}
        and coalesce(consommation_mw, {{ filieres | join('_mw, ') }}_mw) is not null
{%- endmacro %}


{#- Key and measures, under their published names, of an éCO2mix staging model: what revisions are compared with. -#}
{% macro puissances_publiees(modele, code_territoire, mesures) -%}
    select
        mois,
        {{ code_territoire }} as code_territoire,
        date_locale,
        heure_locale,
        est_heure_fictive,
        {% for mesure in mesures -%}
        {{ mesure }}_mw as {{ mesure }}{{ ',' if not loop.last }}
        {% endfor -%}
    from {{ modele }}
{%- endmacro %}
