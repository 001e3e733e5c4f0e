{#- éCO2mix as ODRÉ and RTE itself publish it: the same columns, under the names of the warehouse. -#}

{#- France.

    Args:
        portail, jeu: the source. -#}
{% macro eco2mix_national_publie(portail, jeu) -%}
with

source as (

    select * from {{ source(portail, jeu) }}

),

renamed as (

    select
        -- time
        mois,
        date as date_locale,
        heure as heure_locale,
        date_heure as instant_utc,
        {{ est_heure_fictive('date', 'heure') }} as est_heure_fictive,

        -- status
        nullif(trim(nature), '') as statut_publie,

        -- measures
        consommation as consommation_mw,
        -- France never needs 0 MW: 0 stands for missing (seen on 2015-03-17, 2021-04-10 and 2021-04-11).
        nullif(prevision_j1, 0) as prevision_j1_mw,
        nullif(prevision_j, 0) as prevision_j_mw,
        fioul as fioul_mw,
        charbon as charbon_mw,
        gaz as gaz_mw,
        nucleaire as nucleaire_mw,
        eolien as eolien_mw,
        solaire as solaire_mw,
        hydraulique as hydraulique_mw,
        pompage as pompage_mw,
        bioenergies as bioenergies_mw,
        ech_physiques as ech_physiques_mw,
        ech_comm_angleterre as ech_comm_angleterre_mw,
        ech_comm_espagne as ech_comm_espagne_mw,
        ech_comm_italie as ech_comm_italie_mw,
        ech_comm_suisse as ech_comm_suisse_mw,
        ech_comm_allemagne_belgique as ech_comm_allemagne_belgique_mw,
        fioul_tac as fioul_tac_mw,
        fioul_cogen as fioul_cogen_mw,
        fioul_autres as fioul_autres_mw,
        gaz_tac as gaz_tac_mw,
        gaz_cogen as gaz_cogen_mw,
        gaz_ccg as gaz_ccg_mw,
        gaz_autres as gaz_autres_mw,
        hydraulique_fil_eau_eclusee as hydraulique_fil_eau_eclusee_mw,
        hydraulique_lacs as hydraulique_lacs_mw,
        hydraulique_step_turbinage as hydraulique_step_turbinage_mw,
        bioenergies_dechets as bioenergies_dechets_mw,
        bioenergies_biomasse as bioenergies_biomasse_mw,
        bioenergies_biogaz as bioenergies_biogaz_mw,
        eolien_terrestre as eolien_terrestre_mw,
        eolien_offshore as eolien_offshore_mw,
        stockage_batterie as stockage_batterie_mw,
        destockage_batterie as destockage_batterie_mw,
        taux_co2 as taux_co2_g_par_kwh
    from source

)

select * from renamed
{%- endmacro %}


{#- The régions.

    Args:
        portail, jeu: the source.
        a_les_eoliens: whether it tells wind on land from wind at sea.
        a_les_taux: whether it has the rates of cover (tco) and of load (tch). -#}
{% macro eco2mix_regional_publie(portail, jeu, a_les_eoliens=true, a_les_taux=true) -%}
with

source as (

    select * from {{ source(portail, jeu) }}

),

renamed as (

    select
        -- territory
        code_insee_region as code_region,

        -- time
        mois,
        date as date_locale,
        heure as heure_locale,
        date_heure as instant_utc,
        {{ est_heure_fictive('date', 'heure') }} as est_heure_fictive,

        -- status
        nullif(trim(nature), '') as statut_publie,

        -- measures
        consommation as consommation_mw,
        thermique as thermique_mw,
        nucleaire as nucleaire_mw,
        eolien as eolien_mw,
        solaire as solaire_mw,
        hydraulique as hydraulique_mw,
        bioenergies as bioenergies_mw,
        pompage as pompage_mw,
        ech_physiques as ech_physiques_mw,
        {% for colonne in ['eolien_terrestre', 'eolien_offshore'] -%}
        {{ colonne if a_les_eoliens else 'cast(null as double)' }} as {{ colonne }}_mw,
        {% endfor -%}
        stockage_batterie as stockage_batterie_mw,
        destockage_batterie as destockage_batterie_mw
        {%- for taux in ['tco', 'tch'] -%}
        {%- for filiere in ['thermique', 'nucleaire', 'eolien', 'solaire', 'hydraulique', 'bioenergies'] -%}
        {%- set colonne = taux ~ '_' ~ filiere -%}
        ,
        {{ colonne if a_les_taux else 'cast(null as double)' }} as {{ colonne }}_pct
        {%- endfor -%}
        {%- endfor %}
    from source

)

select * from renamed
{%- endmacro %}
