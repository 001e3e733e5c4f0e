{%- set lectures = [
    'consommation_mw', 'fioul_mw', 'charbon_mw', 'gaz_mw', 'nucleaire_mw', 'eolien_mw', 'solaire_mw',
    'hydraulique_mw', 'bioenergies_mw',
] -%}
with

publiees as (

    select * from {{ ref('stg_odre__eco2mix_national_tr') }}
    union all
    select * from {{ ref('stg_odre__eco2mix_national_cons_def') }}

),

statuts as (

    select * from {{ ref('statuts') }}

),

final as (

    select
        publiees.*,
        statuts.statut,
        -- An unknown status comes last; a test on staging stops the publication.
        coalesce(statuts.rang, 9) as rang,
        {{ eco2mix_demi_heure(lectures) }}
    from publiees
    left join statuts on publiees.statut_publie = statuts.statut_publie

)

select * from final
