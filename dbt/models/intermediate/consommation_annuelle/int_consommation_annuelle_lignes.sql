{#- Each data set, the grains it tells, and the rank of what it says: 1 where it is still served, 2 where it is not. -#}
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

final as (

    select
        publiees.source,
        publiees.rang,
        publiees.maille,
        -- What could be given to no territory has a code that is none.
        case when publiees.code_territoire not in ('NA', 'Fr', 'XX', 'ZZZZZZZZZ') then publiees.code_territoire end
            as code_territoire,
        case when publiees.code_region not in ('Fr', 'XX') then publiees.code_region end as code_region,
        publiees.annee,
        secteurs.code_secteur,
        case publiees.filiere when 'Electricité' then 'electricite' when 'Gaz' then 'gaz' end as energie,
        {{ sauf_secret('publiees.energie_mwh', 'publiees.energie_mwh', 'publiees.nombre_mailles_secretisees') }}
            as energie_mwh,
        {{ sauf_secret('publiees.nombre_points', 'publiees.energie_mwh', 'publiees.nombre_mailles_secretisees') }}
            as nombre_points,
        publiees.nombre_mailles_secretisees
    from publiees
    left join secteurs on publiees.secteur_publie = secteurs.secteur_publie

)

select * from final
