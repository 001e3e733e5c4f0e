with

unites as (

    select
        code_indicateur,
        unite
    from {{ ref('dim_indicateur') }}

),

final as (

    select
        centres.maille,
        centres.groupe,
        centres.libelle as libelle_groupe,
        centres.nombre_territoires,
        centres.code_indicateur,
        centres.sous_champ,
        centres.rang_distinctif,
        centres.centre as ecart_a_la_moyenne,
        centres.centre_publie as valeur_centrale,
        unites.unite
    from {{ ref('int_typologie_modele') }} as centres
    left join unites on centres.code_indicateur = unites.code_indicateur
    where centres.objet = 'centre'

)

select * from final
