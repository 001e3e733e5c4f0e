with

filieres as (

    select * from {{ ref('filieres') }}

),

facteurs as (

    select * from {{ ref('facteurs_co2') }}

),

final as (

    select
        filieres.filiere,
        filieres.libelle,
        filieres.ordre,
        filieres.est_nationale,
        filieres.est_regionale,
        filieres.est_production,
        filieres.est_stockage,
        filieres.est_renouvelable,
        filieres.est_bas_carbone,
        facteurs.facteur_co2_g_par_kwh
    from filieres
    left join facteurs on filieres.filiere = facteurs.filiere

)

select * from final
