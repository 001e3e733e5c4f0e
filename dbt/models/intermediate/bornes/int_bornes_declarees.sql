{%- set colonnes = [
    'id_pdc', 'id_pdc_local', 'id_station', 'nom_station', 'adresse', 'code_arrondissement', 'code_commune',
    'longitude', 'latitude', 'puissance_nominale_kw', 'est_puissance_en_watts', 'prise_type_ef', 'prise_type_2',
    'prise_type_combo_ccs', 'prise_type_chademo', 'prise_type_autre', 'nom_operateur', 'nom_enseigne',
    'condition_acces', 'date_mise_en_service', 'date_maj', 'statut_declare',
] -%}
with

fiches as (

    select
        'belib' as source,
        {{ colonnes | join(', ') }},
        '75' as code_departement,
        'fiche de Belib''' as motif_commune,
        case when longitude is null then 'absentes' else 'publiées' end as motif_coordonnees
    from
        {{
            ref(
                'stg_paris__belib_points_de_recharge_pour_vehicules_electriques_donnees_statiques'
            )
        }}
    union all
    select
        'irve' as source,
        {{ colonnes | join(', ') }},
        code_departement,
        motif_commune,
        motif_coordonnees
    from {{ ref('int_bornes_irve') }}

),

-- Of several rows of a point, the newest, then the most powerful: nothing else shows which is right.
final as (

    select
        *,
        row_number() over (
            partition by source, id_pdc
            order by
                date_maj desc nulls last,
                puissance_nominale_kw desc nulls last,
                id_station asc nulls last,
                adresse asc nulls last,
                longitude asc nulls last,
                latitude asc nulls last,
                nom_station asc nulls last
        ) as rang,
        count(*) over (partition by source, id_pdc) as nombre_lignes
    from fiches

)

select * from final
