{%- set filieres = {
    'nucleaire': 'production_nucleaire',
    'thermique': 'production_fossile',
    'hydraulique': 'production_hydraulique',
    'eolien': 'production_eolienne',
    'solaire': 'production_solaire',
    'bioenergies': 'production_bioenergies',
} -%}
{%- set eco2mix = [
    'production_nucleaire', 'production_fossile', 'production_gaz', 'production_charbon', 'production_hydraulique',
    'production_eolienne', 'production_solaire', 'production_bioenergies', 'production_totale', 'consommation_brute',
    'solde_exportateur',
] -%}

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
        {{ somme('energie_mwh') }} / 1e6 as valeur_twh
    from production
    group by annee, filiere
    -- A sum of some regions is not France. A region without a value does not have this filière.
    having count(distinct code_region) = 13 and count(energie_mwh) > 0

),

annees_eco2mix as (

    select * from {{ ref('int_eco2mix_annees') }}

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
        {{ somme('valeur_twh') }} as valeur_twh
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
