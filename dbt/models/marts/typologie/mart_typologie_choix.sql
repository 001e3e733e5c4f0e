with

final as (

    select
        maille,
        groupe as nombre_groupes,
        silhouette,
        silhouette_hasard,
        accord_rand,
        plus_petit_groupe,
        nombre_territoires,
        nombre_ecartes,
        est_retenu,
        motif
    from {{ ref('int_typologie_modele') }}
    where objet = 'choix'

)

select * from final
