{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_ou(annee_dans_la_fenetre('annee')) }}",
    )
}}
{%- set eco2mix = {
    'production_nucleaire': 'nucleaire_mw',
    'production_fossile': 'gaz_mw + charbon_mw + fioul_mw',
    'production_gaz': 'gaz_mw',
    'production_charbon': 'charbon_mw',
    'production_hydraulique': 'hydraulique_mw',
    'production_eolienne': 'eolien_mw',
    'production_solaire': 'solaire_mw',
    'production_bioenergies': 'bioenergies_mw',
    'production_totale':
        'nucleaire_mw + gaz_mw + charbon_mw + fioul_mw + hydraulique_mw + eolien_mw + solaire_mw + bioenergies_mw',
    'consommation_brute': 'consommation_mw',
    'solde_exportateur': '-ech_physiques_mw',
} -%}
with

lectures as (

    select
        *,
        cast(extract(year from date_locale) as integer) as annee
    from {{ ref('fct_eco2mix_national') }}
    where
        consommation_mw is not null
        and not est_heure_fictive
        and {{ jour_dans_les_annees('date_locale') }}

),

final as (

    select
        {%- for grandeur, puissance in eco2mix.items() %}
        {{ energie_exacte_twh(puissance) }} as {{ grandeur }},
        {%- endfor %}
        annee
    from lectures
    group by annee
    having
        sum(pas_minutes) >= 0.999 * 24 * 60 * {{ jours_de_l_annee('annee') }}
        and count(nucleaire_mw + gaz_mw + hydraulique_mw + eolien_mw + solaire_mw) >= 0.999 * count(*)

)

select * from final
