{#- Joined with the other indicators at the end, as the mix is: no other sum is built again for an import. -#}
with

lignes as (

    select * from {{ ref('stg_local__indicateurs_importes') }}

),

-- The count of a merged commune goes to its successor. Rates and medians of ended codes were refused at the import;
-- those of codes that end later stay at their code.
suivies as (

    select
        lignes.*,
        case
            when lignes.maille = 'commune' and lignes.type_variable = 'effectif'
                then coalesce(communes.code_successeur, lignes.code_territoire)
            else lignes.code_territoire
        end as code_actuel,
        coalesce(communes.derniere_edition, 0) as derniere_edition
    from lignes
    left join {{ ref('dim_commune') }} as communes
        on lignes.maille = 'commune' and lignes.code_territoire = communes.code_commune

),

-- Of the communes that merged into one when, or after, the first of those that the file names did.
reunies as (

    select
        code_indicateur,
        annee,
        code_actuel,
        count(*) as nombre_codes,
        min(case when code_actuel <> code_territoire then derniere_edition end) as premiere_fin
    from suivies
    where maille = 'commune'
    group by code_indicateur, annee, code_actuel

),

editions as (

    select min(premiere_edition) as premiere
    from {{ ref('dim_commune') }}

),

attendues as (

    select
        reunies.code_indicateur,
        reunies.annee,
        reunies.code_actuel,
        -- A commune that keeps its code through the merger had it before, unless the code is newer.
        count(anciennes.code_commune)
        + max(
            case
                when coalesce(nouvelles.premiere_edition, 0) <= greatest(reunies.premiere_fin, editions.premiere) then 1
                else 0
            end
        ) as nombre_codes
    from reunies
    cross join editions
    inner join {{ ref('dim_commune') }} as nouvelles on reunies.code_actuel = nouvelles.code_commune
    inner join {{ ref('dim_commune') }} as anciennes
        on
            reunies.code_actuel = anciennes.code_successeur
            and coalesce(anciennes.derniere_edition, 0) >= reunies.premiere_fin
    where reunies.premiere_fin is not null
    group by reunies.code_indicateur, reunies.annee, reunies.code_actuel

),

fournies as (

    select
        suivies.code_indicateur,
        suivies.type_variable,
        suivies.maille,
        suivies.code_actuel as code_territoire,
        suivies.annee,
        -- As imported, to its last decimal, unless values are added.
        case
            when max(attendues.nombre_codes) > max(reunies.nombre_codes) then null
            when count(*) = 1 then min(suivies.valeur)
            when count(suivies.valeur) = count(*) then {{ somme_exacte('suivies.valeur') }}
        end as valeur,
        max(case when suivies.marqueur = 'secret' then 1 else 0 end) = 1 as est_secret,
        coalesce(max(attendues.nombre_codes) > max(reunies.nombre_codes), false) as est_incomplet
    from suivies
    left join reunies
        on
            suivies.maille = 'commune'
            and suivies.code_indicateur = reunies.code_indicateur
            and suivies.annee = reunies.annee
            and suivies.code_actuel = reunies.code_actuel
    left join attendues
        on
            suivies.maille = 'commune'
            and suivies.code_indicateur = attendues.code_indicateur
            and suivies.annee = attendues.annee
            and suivies.code_actuel = attendues.code_actuel
    group by suivies.code_indicateur, suivies.type_variable, suivies.maille, suivies.code_actuel, suivies.annee

),

-- Where the file has a grain that year, its values are used there; only the other grains are summed.
annees as (

    select distinct
        code_indicateur,
        maille,
        annee
    from fournies
    where type_variable = 'effectif'

),

a_sommer as (

    select
        annees.code_indicateur,
        annees.annee,
        annees.maille as maille_base,
        dessus.maille
    from annees
    inner join {{ ref('int_indicateur_mailles') }} as dessus on annees.maille = dessus.maille_composante
    left join annees as deja
        on
            annees.code_indicateur = deja.code_indicateur
            and annees.annee = deja.annee
            and dessus.maille = deja.maille
    where deja.code_indicateur is null
    qualify row_number() over (
        partition by annees.code_indicateur, annees.annee, dessus.maille
        order by dessus.ordre_composante desc
    ) = 1

),

attendus as (

    select
        maille,
        maille_ancetre,
        code_ancetre,
        count(*) as nombre_parties,
        {{ somme_exacte('poids') }} as poids
    from {{ ref('int_indicateur_parties') }}
    group by maille, maille_ancetre, code_ancetre

),

sommees as (

    select
        a_sommer.code_indicateur,
        a_sommer.annee,
        a_sommer.maille_base,
        liens.maille_ancetre as maille,
        liens.code_ancetre as code_territoire,
        {{ somme_exacte('fournies.valeur') }} as valeur,
        count(fournies.valeur) as nombre_valeurs,
        sum(case when fournies.valeur is null and fournies.est_secret then 1 else 0 end) as nombre_secrets,
        {{ somme_exacte('case when fournies.valeur is not null then liens.poids else 0 end') }} as poids
    from a_sommer
    inner join fournies
        on
            a_sommer.code_indicateur = fournies.code_indicateur
            and a_sommer.annee = fournies.annee
            and a_sommer.maille_base = fournies.maille
    inner join {{ ref('int_indicateur_parties') }} as liens
        on
            fournies.maille = liens.maille
            and fournies.code_territoire = liens.code_territoire
            and a_sommer.maille = liens.maille_ancetre
    group by
        a_sommer.code_indicateur, a_sommer.annee, a_sommer.maille_base, liens.maille_ancetre, liens.code_ancetre

),

valeurs as (

    select
        code_indicateur,
        maille,
        code_territoire,
        annee,
        valeur,
        est_secret,
        est_incomplet,
        maille as maille_source,
        100.0 as couverture_pct
    from fournies

    union all

    -- Stricter than for published quantities, whose publishers say what they leave out: a sum needs every part. So
    -- it never betrays one that is secret either.
    select
        sommees.code_indicateur,
        sommees.maille,
        sommees.code_territoire,
        sommees.annee,
        case when sommees.nombre_valeurs = attendus.nombre_parties then sommees.valeur end as valeur,
        -- Secrecy is the reason if nothing else is missing.
        sommees.nombre_secrets > 0
        and sommees.nombre_valeurs + sommees.nombre_secrets = attendus.nombre_parties as est_secret,
        sommees.nombre_valeurs < attendus.nombre_parties as est_incomplet,
        sommees.maille_base as maille_source,
        100 * sommees.poids / nullif(attendus.poids, 0) as couverture_pct
    from sommees
    inner join attendus
        on
            sommees.maille_base = attendus.maille
            and sommees.maille = attendus.maille_ancetre
            and sommees.code_territoire = attendus.code_ancetre

),

-- One label, unit, nature, source and owner for each: the import holds files to it.
definitions as (

    select distinct
        code_indicateur,
        libelle,
        unite,
        type_variable,
        source,
        proprietaire
    from lignes

),

final as (

    select
        definitions.code_indicateur,
        definitions.libelle,
        definitions.unite,
        definitions.type_variable,
        definitions.source,
        definitions.proprietaire,
        valeurs.maille,
        valeurs.code_territoire,
        valeurs.annee,
        valeurs.valeur,
        valeurs.valeur is null and valeurs.est_secret as secret,
        valeurs.est_incomplet,
        case
            when valeurs.valeur is not null then null
            when valeurs.est_secret then 'secret statistique'
            when valeurs.est_incomplet then 'couverture insuffisante'
            else 'valeur absente'
        end as motif,
        valeurs.maille_source,
        valeurs.couverture_pct
    from valeurs
    inner join definitions on valeurs.code_indicateur = definitions.code_indicateur

)

select * from final
