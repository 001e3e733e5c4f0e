with

final as (

    select
        maille,
        code_indicateur,
        sous_champ,
        ordre,
        annee,
        transformation,
        est_retenu,
        motif,
        part_connue_pct,
        borne_basse,
        borne_haute,
        moyenne,
        ecart_type
    from {{ ref('int_typologie_modele') }}
    where objet = 'indicateur'

)

select * from final
