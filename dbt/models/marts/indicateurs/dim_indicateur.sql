with

officiels as (

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
        avertissement,
        cast(null as string) as proprietaire
    from {{ ref('int_indicateur_definitions') }}

),

-- The import holds each to one label, unit, nature and source.
importes as (

    select distinct
        code_indicateur,
        libelle,
        unite,
        type_variable,
        case when type_variable = 'effectif' then 'somme' else 'jamais' end as regle_agregation,
        code_indicateur as numerateur,
        cast(null as string) as sous_champ_numerateur,
        cast(null as string) as denominateur,
        1.0 as facteur,
        0 as ecart_annees_max,
        source,
        'Importé par son propriétaire. Aux mailles que le fichier ne donne pas : '
        || case
            when type_variable = 'effectif' then 'somme des parties, si toutes sont connues.'
            else 'inconnu, un taux, une médiane ou un indice ne s''additionne pas.'
        end as methode,
        'Contrôlé dans sa forme, non dans son fond.' as avertissement,
        proprietaire
    from {{ ref('stg_local__indicateurs_importes') }}

),

final as (

    select * from officiels
    union all
    select * from importes

)

select * from final
