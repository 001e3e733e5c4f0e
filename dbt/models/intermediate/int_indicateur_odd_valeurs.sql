{{ config(materialized='table') }}
with

definitions as (

    select
        code_indicateur,
        unite,
        type_variable
    from {{ ref('int_indicateur_odd_definitions') }}

),

-- A value in another unit than its variable's is another quantity: it is reported, not converted by guess.
lignes as (

    select
        publiees.source,
        publiees.edition,
        publiees.maille,
        publiees.code_territoire,
        publiees.code_indicateur,
        publiees.code_sous_champ,
        publiees.annee,
        publiees.numero_publie,
        publiees.valeur_publiee,
        publiees.marqueur,
        case
            when publiees.unite is null or publiees.unite = definitions.unite then publiees.valeur
        end as valeur,
        definitions.type_variable
    from {{ ref('int_indicateur_odd_lignes') }} as publiees
    inner join definitions on publiees.code_indicateur = definitions.code_indicateur

),

-- A later edition revises an earlier one.
dernieres as (

    select * from lignes
    qualify
        edition = max(edition) over (
            partition by maille, code_territoire, code_indicateur, code_sous_champ, annee
        )

),

reunies as (

    select
        lignes.source,
        lignes.edition,
        lignes.maille,
        lignes.code_territoire,
        lignes.code_indicateur,
        sous_champs.sous_champ,
        lignes.annee,
        -- Rows that contradict each other: none of them is known to be right.
        case
            when count(lignes.valeur) = count(*) and min(lignes.valeur) = max(lignes.valeur) then min(lignes.valeur)
        end as valeur,
        max(case when lignes.marqueur = 'secret' then 1 else 0 end) = 1 as est_secret,
        -- Under each indicator that a variable serves it has a line, which repeats nothing.
        count(*) - count(distinct coalesce(lignes.numero_publie, '')) + 1 as nombre_lignes,
        min(lignes.valeur_publiee) as premiere_publiee,
        max(lignes.valeur_publiee) as derniere_publiee,
        min(lignes.valeur) = max(lignes.valeur) and count(lignes.valeur) = count(*)
        or count(lignes.valeur) = 0 as est_concordante,
        max(case when lignes.type_variable = 'effectif' then 1 else 0 end) = 1 as est_effectif
    from dernieres as lignes
    left join {{ ref('int_indicateur_odd_sous_champs') }} as sous_champs
        on
            lignes.code_indicateur = sous_champs.code_indicateur
            and lignes.code_sous_champ = sous_champs.code_sous_champ
    group by
        lignes.source,
        lignes.edition,
        lignes.maille,
        lignes.code_territoire,
        lignes.code_indicateur,
        sous_champs.sous_champ,
        lignes.annee

),

communes as (

    select distinct code_territoire from reunies
    where maille = 'commune'

),

-- The count of a commune that was merged is its successor's, that of an arrondissement its city's, unless the file
-- holds the city as well. Medians, ratios and indices cannot follow.
suivies as (

    select
        reunies.*,
        case
            when reunies.maille <> 'commune' or not reunies.est_effectif then reunies.code_territoire
            when {{ commune_de_l_arrondissement('reunies.code_territoire') }} = reunies.code_territoire
                then coalesce(successeurs.code_commune_actuelle, reunies.code_territoire)
            when villes.code_territoire is null then {{ commune_de_l_arrondissement('reunies.code_territoire') }}
            else reunies.code_territoire
        end as code_actuel
    from reunies
    left join {{ ref('int_commune_successeurs') }} as successeurs
        on
            reunies.maille = 'commune'
            and reunies.code_territoire = successeurs.code_commune
            and cast(substr(reunies.edition, 1, 4) as integer)
            between successeurs.premier_millesime and successeurs.dernier_millesime
    left join communes as villes
        on {{ commune_de_l_arrondissement('reunies.code_territoire') }} = villes.code_territoire

),

final as (

    select
        source,
        maille,
        code_actuel as code_territoire,
        code_indicateur,
        sous_champ,
        annee,
        case when count(valeur) = count(*) then {{ somme_exacte('valeur') }} end as valeur,
        max(case when est_secret then 1 else 0 end) = 1 as est_secret,
        cast(sum(nombre_lignes) as bigint) as nombre_lignes,
        cast(count(*) as integer) as nombre_codes_reunis,
        min(premiere_publiee) as premiere_publiee,
        max(derniere_publiee) as derniere_publiee,
        min(case when est_concordante then 1 else 0 end) = 1 as est_concordante
    from suivies
    group by source, maille, code_actuel, code_indicateur, sous_champ, annee

)

select * from final
