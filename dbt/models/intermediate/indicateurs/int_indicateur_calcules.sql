{{ config(materialized='table') }}
-- Kept: `fct_indicateur` sorts these rows, and joins under way would leave the sort of the communes too little memory.
with

definitions as (

    select * from {{ ref('int_indicateur_definitions') }}

),

-- Counts are served as published, or as the sum of their parts; what cannot be added only as published.
comptes as (

    select
        definitions.code_indicateur,
        mesures.maille,
        mesures.code_territoire,
        mesures.annee,
        cast(null as integer) as annee_denominateur,
        case
            when definitions.sous_champ_numerateur in ('tous', 'ensemble', 'parties') then mesures.sous_champ
        end as sous_champ,
        case when definitions.est_publie then 1 else definitions.facteur end * mesures.valeur as valeur,
        -- The terms of a published quotient are indicators of their own.
        case when definitions.denominateur is null then mesures.valeur end as numerateur,
        cast(null as double) as denominateur,
        mesures.est_secret,
        mesures.est_incomplet,
        mesures.maille_base,
        mesures.couverture_pct,
        mesures.valeur is null and mesures.somme_partielle is not null as est_trop_peu_couvert
    from definitions
    inner join {{ ref('int_indicateur_mesures') }} as mesures on definitions.mesure = mesures.mesure
    where
        (definitions.est_publie or definitions.regle_agregation in ('somme', 'jamais'))
        and {{ sous_champ_voulu('definitions.sous_champ_numerateur', 'mesures.sous_champ') }}

),

-- What a file publishes is served as it stands there.
publiees as (

    select
        definitions.code_indicateur,
        valeurs.maille,
        valeurs.code_territoire,
        valeurs.annee,
        cast(null as integer) as annee_denominateur,
        valeurs.sous_champ,
        valeurs.valeur,
        -- The terms of a published quotient are indicators of their own.
        case when definitions.denominateur is null then valeurs.valeur end as numerateur,
        cast(null as double) as denominateur,
        valeurs.est_secret,
        false as est_incomplet,
        cast(null as string) as maille_base,
        100.0 as couverture_pct,
        false as est_trop_peu_couvert
    from definitions
    inner join {{ ref('int_indicateur_odd_valeurs') }} as valeurs on definitions.mesure = valeurs.code_indicateur
    where
        (definitions.est_publie or definitions.regle_agregation in ('somme', 'jamais'))
        and {{ sous_champ_voulu('definitions.sous_champ_numerateur', 'valeurs.sous_champ') }}

),

rapports as (

    select
        ratios.code_indicateur,
        ratios.maille,
        ratios.code_territoire,
        ratios.annee,
        ratios.annee_denominateur,
        ratios.sous_champ,
        case
            when ratios.couverture_pct >= {{ couverture_d_un_ratio() }}
                then definitions.facteur * ratios.numerateur / nullif(ratios.denominateur, 0)
        end as valeur,
        ratios.numerateur,
        ratios.denominateur,
        ratios.est_secret,
        ratios.est_incomplet or ratios.couverture_pct < {{ couverture_entiere() }} as est_incomplet,
        ratios.maille_base,
        ratios.couverture_pct,
        ratios.couverture_pct < {{ couverture_d_un_ratio() }} as est_trop_peu_couvert
    from {{ ref('int_indicateur_ratios') }} as ratios
    inner join definitions on ratios.code_indicateur = definitions.code_indicateur

),

-- Published quotients at the grains and in the territories that the source leaves out.
recalcules as (

    select
        code_indicateur,
        maille,
        code_territoire,
        annee,
        cast(null as integer) as annee_denominateur,
        sous_champ,
        valeur,
        numerateur,
        denominateur,
        false as est_secret,
        est_incomplet,
        maille_base,
        couverture_pct,
        false as est_trop_peu_couvert
    from {{ ref('int_indicateur_odd_rapports') }}

),

-- Real time changes the mix every hour: it is kept apart from the sums, so that they are not rebuilt for it.
mix as (

    select
        definitions.code_indicateur,
        mix.maille,
        mix.code_territoire,
        mix.annee,
        cast(null as integer) as annee_denominateur,
        cast(null as string) as sous_champ,
        definitions.facteur * mix.valeur as valeur,
        mix.valeur as numerateur,
        cast(null as double) as denominateur,
        false as est_secret,
        false as est_incomplet,
        cast(null as string) as maille_base,
        100.0 as couverture_pct,
        false as est_trop_peu_couvert
    from definitions
    inner join {{ ref('int_indicateur_mix') }} as mix on definitions.numerateur = mix.mesure

),

reunis as (

    select * from comptes
    union all
    select * from publiees
    union all
    select * from recalcules
    union all
    select * from mix
    union all
    select * from rapports

),

final as (

    select
        *,
        case
            when valeur is not null then null
            when est_secret then 'secret statistique'
            when est_trop_peu_couvert then 'couverture insuffisante'
            when numerateur is null then 'valeur absente'
            when denominateur = 0 then 'dénominateur nul'
            else 'dénominateur inconnu'
        end as motif
    from reunis

)

select * from final
