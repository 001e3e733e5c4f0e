{%- set commune = commune_de_l_arrondissement('code_commune') -%}

with

lignes as (

    select * from {{ ref('stg_ore__consommation_annuelle_d_electricite_et_gaz_par_commune') }}
    where secteur_publie = 'RESIDENTIEL'

),

final as (

    select
        {{ commune }} as code_commune,
        code_departement,
        annee,
        filiere,
        sum({{ sauf_secret('energie_mwh', 'energie_mwh', 'nombre_mailles_secretisees') }}) as energie_mwh,
        sum({{ sauf_secret('nombre_points', 'energie_mwh', 'nombre_mailles_secretisees') }}) as nombre_points
    from lignes
    group by all

)

select * from final
