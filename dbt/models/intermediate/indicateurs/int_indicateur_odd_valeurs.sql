{{ config(materialized='table') }}
with

definitions as (

    select
        code_indicateur,
        unite,
        type_variable,
        regle_agregation
    from {{ ref('int_indicateur_odd_definitions') }}

),

-- A value in another unit than its variable is another quantity: it is reported, not converted by guesswork. A file
-- that prints no unit says nothing against it.
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
            when
                publiees.unite is null
                or publiees.unite = definitions.unite
                or coalesce(publiees.unite_publiee, '') = ''
                then publiees.valeur
        end as valeur,
        definitions.type_variable,
        definitions.regle_agregation
    from {{ ref('int_indicateur_odd_lignes') }} as publiees
    inner join definitions on publiees.code_indicateur = definitions.code_indicateur

),

-- A later edition revises an earlier one. With a single edition there is nothing to compare.
revisions as (

    select
        maille,
        code_territoire,
        code_indicateur,
        coalesce(code_sous_champ, '') as partie,
        annee,
        max(edition) as edition
    from {{ ref('int_indicateur_odd_lignes') }}
    where edition > (select min(premieres.edition) from {{ ref('int_indicateur_odd_lignes') }} as premieres)
    group by maille, code_territoire, code_indicateur, coalesce(code_sous_champ, ''), annee

),

dernieres as (

    select lignes.*
    from lignes
    left join revisions
        on
            lignes.maille = revisions.maille
            and lignes.code_territoire = revisions.code_territoire
            and lignes.code_indicateur = revisions.code_indicateur
            and coalesce(lignes.code_sous_champ, '') = revisions.partie
            and lignes.annee = revisions.annee
    where revisions.edition is null or lignes.edition = revisions.edition

),

par_numero as (

    select
        source,
        edition,
        maille,
        code_territoire,
        code_indicateur,
        code_sous_champ,
        annee,
        min(valeur) as plus_petite,
        max(valeur) as plus_grande,
        count(valeur) as nombre_valeurs,
        count(*) as nombre_lignes,
        max(case when marqueur = 'secret' then 1 else 0 end) as est_secret,
        max(case when type_variable = 'effectif' then 1 else 0 end) as est_effectif,
        max(case when regle_agregation = 'ratio' then 1 else 0 end) as est_recalculable,
        min(valeur_publiee) as premiere_publiee,
        max(valeur_publiee) as derniere_publiee
    from dernieres
    group by source, edition, maille, code_territoire, code_indicateur, code_sous_champ, annee, numero_publie

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
        -- Rows that contradict each other: none is known to be right.
        case
            when
                sum(lignes.nombre_valeurs) = sum(lignes.nombre_lignes)
                and min(lignes.plus_petite) = max(lignes.plus_grande)
                then min(lignes.plus_petite)
        end as valeur,
        max(lignes.est_secret) = 1 as est_secret,
        sum(lignes.nombre_lignes) as nombre_lignes,
        count(*) as nombre_numeros,
        min(lignes.premiere_publiee) as premiere_publiee,
        max(lignes.derniere_publiee) as derniere_publiee,
        min(lignes.plus_petite) = max(lignes.plus_grande)
        and sum(lignes.nombre_valeurs) = sum(lignes.nombre_lignes)
        or sum(lignes.nombre_valeurs) = 0 as est_concordante,
        max(lignes.est_effectif) = 1 as est_effectif,
        max(lignes.est_recalculable) = 1 as est_recalculable
    from par_numero as lignes
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

-- The count of a merged commune goes to its successor, that of an arrondissement to its city, unless the file has the
-- city as well; so do rates that can be made again, to be found below. Medians and indices stay at their code.
suivies as (

    select
        reunies.*,
        -- A variable has a line under each indicator that uses it: equal lines are no contradiction.
        reunies.nombre_lignes
        - case when reunies.est_concordante then reunies.nombre_numeros - 1 else 0 end as lignes_en_cause,
        case
            when reunies.maille <> 'commune' or not (reunies.est_effectif or reunies.est_recalculable)
                then reunies.code_territoire
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
        -- As published, to its last decimal, unless values are added.
        case
            when count(*) = 1 then min(valeur)
            when count(valeur) = count(*) then {{ somme_exacte('valeur') }}
        end as valeur,
        max(case when est_secret then 1 else 0 end) = 1 as est_secret,
        cast(sum(lignes_en_cause) as bigint) as nombre_lignes,
        cast(count(*) as integer) as nombre_codes_reunis,
        min(premiere_publiee) as premiere_publiee,
        max(derniere_publiee) as derniere_publiee,
        min(case when est_concordante then 1 else 0 end) = 1 as est_concordante
    from suivies
    group by source, maille, code_actuel, code_indicateur, sous_champ, annee
    -- The rates of several codes are none of their commune: int_indicateur_odd_rapports makes it from its terms.
    having count(*) = 1 or max(case when est_recalculable then 1 else 0 end) = 0

)

select * from final
