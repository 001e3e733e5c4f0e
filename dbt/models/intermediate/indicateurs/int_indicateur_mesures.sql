{{ config(materialized='table') }}
with

publiees as (

    select * from {{ ref('int_indicateur_publiees') }}

),

definitions as (

    select
        mesure,
        -- A published quotient is made again from its terms, not from its parts.
        min(case when est_publie and regle_agregation = 'ratio' then 'jamais' else regle_agregation end)
            as regle_agregation
    from {{ ref('int_indicateur_definitions') }}
    group by mesure

),

sommables as (

    select publiees.*
    from publiees
    left join definitions on publiees.mesure = definitions.mesure
    where coalesce(definitions.regle_agregation, 'somme') <> 'jamais'

    union all

    select
        valeurs.code_indicateur as famille,
        valeurs.code_indicateur as mesure,
        valeurs.maille,
        valeurs.code_territoire,
        valeurs.annee,
        valeurs.sous_champ,
        valeurs.valeur,
        valeurs.est_secret,
        false as est_incomplet
    from {{ ref('int_indicateur_odd_valeurs') }} as valeurs
    inner join definitions on valeurs.code_indicateur = definitions.mesure
    where definitions.regle_agregation <> 'jamais'

),

-- The publisher's own value is used wherever its grain has one that year; only the other grains are summed.
annees as (

    select distinct
        famille,
        mesure,
        maille,
        annee
    from sommables

),

a_sommer as (

    select
        annees.famille,
        annees.mesure,
        annees.annee,
        annees.maille as maille_base,
        dessus.maille
    from annees
    inner join {{ ref('int_indicateur_mailles') }} as dessus on annees.maille = dessus.maille_composante
    left join annees as deja
        on annees.mesure = deja.mesure and annees.annee = deja.annee and dessus.maille = deja.maille
    where deja.mesure is null
    -- From the coarsest grain that has it: a publisher's figure for a région may include what is secret in its
    -- communes.
    qualify row_number() over (
        partition by annees.mesure, annees.annee, dessus.maille
        order by dessus.ordre_composante desc, annees.famille asc
    ) = 1

),

attendus as (

    select
        liens.maille_ancetre as maille,
        liens.code_ancetre as code_territoire,
        liens.maille as maille_base,
        {{ somme_exacte('liens.poids') }} as poids
    from {{ ref('int_indicateur_parties') }} as liens
    group by liens.maille_ancetre, liens.code_ancetre, liens.maille

),

familles_a_sommer as (

    select distinct
        famille,
        annee,
        maille_base,
        maille
    from a_sommer

),

poids_couverts as (

    select
        a_sommer.famille,
        a_sommer.annee,
        a_sommer.maille_base,
        liens.maille_ancetre as maille,
        liens.code_ancetre as code_territoire,
        {{ somme_exacte('liens.poids') }} as poids
    from familles_a_sommer as a_sommer
    inner join {{ ref('int_indicateur_couverts') }} as couverts
        on
            a_sommer.famille = couverts.famille
            and a_sommer.annee = couverts.annee
            and a_sommer.maille_base = couverts.maille
    inner join {{ ref('int_indicateur_parties') }} as liens
        on
            couverts.maille = liens.maille
            and couverts.code_territoire = liens.code_territoire
            and a_sommer.maille = liens.maille_ancetre
    group by a_sommer.famille, a_sommer.annee, a_sommer.maille_base, liens.maille_ancetre, liens.code_ancetre

),

parties as (

    select
        a_sommer.famille,
        a_sommer.mesure,
        a_sommer.annee,
        a_sommer.maille_base,
        liens.maille_ancetre as maille,
        liens.code_ancetre as code_territoire,
        sommables.sous_champ,
        {{ somme_exacte('sommables.valeur') }} as valeur,
        {{ somme_exacte('liens.poids') }} as poids_des_lignes,
        {{ somme_exacte('case when sommables.valeur is null then liens.poids else 0 end') }} as poids_tus,
        max(case when sommables.est_secret then 1 else 0 end) = 1 as est_secret,
        max(case when sommables.est_incomplet then 1 else 0 end) = 1 as est_incomplet
    from a_sommer
    inner join sommables
        on
            a_sommer.mesure = sommables.mesure
            and a_sommer.annee = sommables.annee
            and a_sommer.maille_base = sommables.maille
    inner join {{ ref('int_indicateur_parties') }} as liens
        on
            sommables.maille = liens.maille
            and sommables.code_territoire = liens.code_territoire
            and a_sommer.maille = liens.maille_ancetre
    group by
        a_sommer.famille,
        a_sommer.mesure,
        a_sommer.annee,
        a_sommer.maille_base,
        liens.maille_ancetre,
        liens.code_ancetre,
        sommables.sous_champ

),

sommees as (

    select
        parties.famille,
        parties.mesure,
        parties.maille,
        parties.code_territoire,
        parties.annee,
        parties.sous_champ,
        parties.valeur,
        -- Secrecy is the reason as long as the source covers enough of the territory.
        parties.est_secret
        and 100 * coalesce(poids_couverts.poids, parties.poids_des_lignes)
        >= {{ couverture_d_une_somme() }} * attendus.poids as est_secret,
        parties.est_incomplet,
        parties.maille_base,
        -- What a published file leaves out is unknown, not zero: of a part it covers the territories that it has.
        100 * (coalesce(poids_couverts.poids, parties.poids_des_lignes) - parties.poids_tus)
        / nullif(attendus.poids, 0) as couverture_pct
    from parties
    left join poids_couverts
        on
            parties.famille = poids_couverts.famille
            and parties.annee = poids_couverts.annee
            and parties.maille_base = poids_couverts.maille_base
            and parties.maille = poids_couverts.maille
            and parties.code_territoire = poids_couverts.code_territoire
    inner join attendus
        on
            parties.maille = attendus.maille
            and parties.code_territoire = attendus.code_territoire
            and parties.maille_base = attendus.maille_base

),

final as (

    select
        famille,
        mesure,
        maille,
        code_territoire,
        annee,
        sous_champ,
        valeur,
        valeur as somme_partielle,
        est_secret,
        est_incomplet,
        cast(null as string) as maille_base,
        100.0 as couverture_pct
    from publiees

    union all

    select
        famille,
        mesure,
        maille,
        code_territoire,
        annee,
        sous_champ,
        case when couverture_pct >= {{ couverture_d_une_somme() }} then valeur end as valeur,
        valeur as somme_partielle,
        est_secret,
        est_incomplet or couverture_pct < {{ couverture_entiere() }} as est_incomplet,
        maille_base,
        couverture_pct
    from sommees

)

select * from final
