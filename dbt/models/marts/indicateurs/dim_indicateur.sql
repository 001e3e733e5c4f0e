with

final as (

    select
        code_indicateur,
        libelle,
        unite,
        type_variable,
        regle_agregation,
        numerateur,
        nullif(sous_champ_numerateur, 'tous') as sous_champ_numerateur,
        denominateur,
        facteur,
        ecart_annees_max,
        source,
        methode,
        avertissement
    from {{ ref('int_indicateur_definitions') }}

)

select * from final
