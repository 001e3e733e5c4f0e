{%- set lectures = [
    'consommation_mw', 'thermique_mw', 'nucleaire_mw', 'eolien_mw', 'solaire_mw', 'hydraulique_mw', 'bioenergies_mw',
] -%}
with

publiees as (

    select
        *,
        'eco2mix-regional-tr' as jeu_de_donnees
    from {{ ref('stg_odre__eco2mix_regional_tr') }}
    union all
    select
        *,
        'eco2mix-regional-cons-def' as jeu_de_donnees
    from {{ ref('stg_odre__eco2mix_regional_cons_def') }}

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
