{%- set lectures = [
    'consommation_mw', 'fioul_mw', 'charbon_mw', 'gaz_mw', 'nucleaire_mw', 'eolien_mw', 'solaire_mw',
    'hydraulique_mw', 'bioenergies_mw',
] -%}
with

publiees as (

    {%- for source, portail, jeu in [
        ('ODRÉ', 'odre', 'eco2mix-national-tr'),
        ('ODRÉ', 'odre', 'eco2mix-national-cons-def'),
        ('RTE', 'rte', 'eco2mix-rte-national-tr'),
        ('RTE', 'rte', 'eco2mix-rte-national-cons-def'),
    ] %}
    select
        *,
        '{{ source }}' as source,
        '{{ jeu }}' as jeu_de_donnees
    from {{ ref('stg_' ~ portail ~ '__' ~ jeu | replace('-', '_')) }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

statuts as (

    select * from {{ ref('statuts') }}

),

final as (

    select
        publiees.*,
        statuts.statut,
        -- An unknown status comes last (meta_fautes_du_publieur lists it).
        coalesce(statuts.rang, 9) as rang,
        {{ eco2mix_demi_heure(lectures) }}
    from publiees
    left join statuts on publiees.statut_publie = statuts.statut_publie

)

select * from final
