{%- set filieres = {
    'nucleaire': 'production_nucleaire',
    'thermique': 'production_fossile',
    'hydraulique': 'production_hydraulique',
    'eolien': 'production_eolienne',
    'solaire': 'production_solaire',
    'bioenergies': 'production_bioenergies',
} -%}
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

rapprochement as (

    select * from {{ ref('mart_rapprochement_annuel') }}
    where territoire = 'FR'

),

demi_horaire as (

    select * from {{ ref('int_consommation_annuelle_demi_horaire') }}
    where territoire = 'FR' and est_annee_complete

),

production as (

    select * from {{ ref('fct_production_annuelle') }}
    where energie = 'electricite'

),

production_par_filiere as (

    select
        annee,
        filiere,
        sum(energie_mwh order by energie_mwh) / 1e6 as valeur_twh
    from production
    group by annee, filiere
    -- A sum of some regions is not France. A region without a value does not have this filière.
    having count(distinct code_region) = 13 and count(energie_mwh) > 0

),

lectures as (

    select
        *,
        cast(extract(year from date_locale) as integer) as annee
    from {{ ref('fct_eco2mix_national') }}
    where consommation_mw is not null and not est_heure_fictive

),

annees_eco2mix as (

    select
        annee,
        {%- for grandeur, puissance in eco2mix.items() %}
        {{ energie_exacte_twh(puissance) }} as {{ grandeur }},
        {%- endfor %}
        count(*) as nombre_lectures
    from lectures
    group by annee
    having
        sum(pas_minutes) >= 0.999 * 24 * 60 * {{ jours_de_l_annee('annee') }}
        and count(nucleaire_mw + gaz_mw + hydraulique_mw + eolien_mw + solaire_mw) >= 0.999 * count(*)

),

final as (

    select
        annee,
        'consommation_brute' as grandeur,
        'annuel_par_region' as calcul,
        annuelle_gwh / 1000 as valeur_twh
    from rapprochement
    union all
    select
        annee,
        'consommation_brute' as grandeur,
        'demi_horaire' as calcul,
        energie_gwh / 1000 as valeur_twh
    from demi_horaire
    union all
    select
        annee,
        case filiere
            {%- for filiere, grandeur in filieres.items() %}
            when '{{ filiere }}' then '{{ grandeur }}'
            {%- endfor %}
        end as grandeur,
        'annuel_par_region' as calcul,
        valeur_twh
    from production_par_filiere
    union all
    select
        annee,
        'production_totale' as grandeur,
        'annuel_par_region' as calcul,
        sum(valeur_twh order by valeur_twh) as valeur_twh
    from production_par_filiere
    group by annee
    having count(*) = {{ filieres | length }}
    {% for grandeur in eco2mix -%}
    union all
    select
        annee,
        '{{ grandeur }}' as grandeur,
        'eco2mix' as calcul,
        {{ grandeur }} as valeur_twh
    from annees_eco2mix
    {% endfor %}

)

select * from final
where valeur_twh is not null
