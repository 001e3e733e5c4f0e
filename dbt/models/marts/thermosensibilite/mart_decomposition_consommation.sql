with

territoires as (

    select
        code_region,
        nom_region
    from {{ ref('dim_region') }}
    where est_dans_perimetre_rte
    union all
    select
        'FR' as code_region,
        'France' as nom_region

),

energies as (

    select 'electricite' as energie
    union all
    select 'gaz' as energie

),

facteurs as (

    {%- for facteur in [
        'temperature_chauffage', 'temperature_climatisation', 'type_de_jour', 'feries', 'vacances', 'tendance', 'residu',
    ] %}
    select
        '{{ facteur }}' as facteur,
        {{ loop.index }} as ordre
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

decompositions as (

    select * from {{ ref('int_decomposition') }}

),

-- A territory without a complete day has rows too, which say so.
final as (

    select
        territoires.code_region,
        territoires.nom_region,
        energies.energie,
        facteurs.facteur,
        facteurs.ordre,
        decompositions.contribution_mwh,
        decompositions.contribution_ic95_bas_mwh,
        decompositions.contribution_ic95_haut_mwh,
        decompositions.contribution_part_energie_pct,
        decompositions.contribution_part_variance_pct,
        decompositions.reference_mwh,
        decompositions.energie_totale_mwh,
        decompositions.seuil_chauffage_c,
        decompositions.seuil_climatisation_c,
        decompositions.r2,
        decompositions.debut,
        decompositions.fin,
        coalesce(decompositions.nombre_jours, 0) as nombre_jours,
        coalesce(decompositions.est_fiable, false) as est_fiable,
        case when decompositions.code_region is null then 'aucun jour complet' else decompositions.motif end as motif
    from territoires
    cross join energies
    cross join facteurs
    left join decompositions
        on
            territoires.code_region = decompositions.code_region
            and energies.energie = decompositions.energie
            and facteurs.facteur = decompositions.facteur

)

select * from final
