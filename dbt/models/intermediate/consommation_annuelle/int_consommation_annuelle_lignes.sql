{#- Each data set with its grains and its rank: 1 if it is still served, 2 if it is not. -#}
{%- set commune = commune_de_l_arrondissement('code_commune') -%}
{%- set par_commune = 'consommation_annuelle_d_electricite_et_gaz_par_commune' -%}
{%- set publications = [
    (par_commune, 'commune', commune, 1),
    (par_commune, 'epci', 'code_epci', 1),
    ('consommation_annuelle_d_electricite_et_gaz_par_departement', 'departement', 'code_departement', 1),
    ('consommation_annuelle_d_electricite_et_gaz_par_region', 'region', 'code_region', 1),
    ('conso_elec_gaz_annuelle_par_secteur_dactivite_agregee_departement', 'departement', 'code_departement', 2),
    ('conso_elec_gaz_annuelle_par_naf_agregee_region', 'region', 'code_region', 2),
] -%}

with

publiees as (

    {% for jeu, maille, code_territoire, rang in publications -%}
    select
        '{{ jeu | replace('_', '-') }}' as source,
        {{ rang }} as rang,
        '{{ maille }}' as maille,
        {{ code_territoire }} as code_territoire,
        {{ commune if jeu == par_commune else 'cast(null as string)' }} as code_commune,
        code_region,
        annee,
        filiere,
        secteur_publie,
        energie_mwh,
        nombre_points,
        nombre_mailles_secretisees
    from {{ ref('stg_ore__' ~ jeu) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

secteurs as (

    select * from {{ ref('secteurs') }}

),

secrets as (

    select * from {{ ref('int_consommation_annuelle_secrets') }}

),

-- Figures on a few homes, in files that Agence ORE did not process: hidden as it would have hidden them.
protegees as (

    select
        publiees.source,
        publiees.rang,
        publiees.maille,
        publiees.code_territoire,
        publiees.code_commune,
        publiees.code_region,
        publiees.annee,
        publiees.filiere,
        publiees.secteur_publie,
        case when secrets.code_commune is null then publiees.energie_mwh end as energie_mwh,
        case when secrets.code_commune is null then publiees.nombre_points end as nombre_points,
        case
            when secrets.code_commune is null then publiees.nombre_mailles_secretisees
            else greatest(publiees.nombre_mailles_secretisees, 1)
        end as nombre_mailles_secretisees
    from publiees
    left join secrets
        on
            publiees.code_commune = secrets.code_commune
            and publiees.annee = secrets.annee
            and publiees.filiere = secrets.filiere
            and publiees.secteur_publie = 'RESIDENTIEL'

),

final as (

    select
        protegees.source,
        protegees.rang,
        protegees.maille,
        -- What could not be attributed to a territory has a code that is not one.
        case when protegees.code_territoire not in ('NA', 'Fr', 'XX', 'ZZZZZZZZZ') then protegees.code_territoire end
            as code_territoire,
        case when protegees.code_region not in ('Fr', 'XX') then protegees.code_region end as code_region,
        protegees.annee,
        secteurs.code_secteur,
        case protegees.filiere when 'Electricité' then 'electricite' when 'Gaz' then 'gaz' end as energie,
        {{ sauf_secret('protegees.energie_mwh', 'protegees.energie_mwh', 'protegees.nombre_mailles_secretisees') }}
            as energie_mwh,
        {{ sauf_secret('protegees.nombre_points', 'protegees.energie_mwh', 'protegees.nombre_mailles_secretisees') }}
            as nombre_points,
        protegees.nombre_mailles_secretisees
    from protegees
    left join secteurs on protegees.secteur_publie = secteurs.secteur_publie

)

select * from final
