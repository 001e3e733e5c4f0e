with

vintage as (

    select max(derniere_edition) as millesime_cog
    from {{ ref('dim_commune') }}

),

officielles as (

    select
        valeurs.code_indicateur,
        valeurs.maille,
        valeurs.code_territoire,
        valeurs.annee,
        valeurs.sous_champ,
        valeurs.valeur,
        definitions.unite,
        definitions.type_variable,
        definitions.source,
        valeurs.valeur is null and valeurs.est_secret as secret,
        valeurs.est_incomplet,
        valeurs.motif,
        valeurs.numerateur,
        valeurs.denominateur,
        valeurs.annee_denominateur,
        valeurs.couverture_pct,
        coalesce(valeurs.maille_base, valeurs.maille) as maille_source,
        cast(null as string) as proprietaire
    from {{ ref('int_indicateur_calcules') }} as valeurs
    inner join {{ ref('int_indicateur_definitions') }} as definitions
        on valeurs.code_indicateur = definitions.code_indicateur

),

importees as (

    select
        code_indicateur,
        maille,
        code_territoire,
        annee,
        cast(null as string) as sous_champ,
        valeur,
        unite,
        type_variable,
        source,
        secret,
        est_incomplet,
        motif,
        case when type_variable = 'effectif' then valeur end as numerateur,
        cast(null as double) as denominateur,
        cast(null as integer) as annee_denominateur,
        couverture_pct,
        maille_source,
        proprietaire
    from {{ ref('int_indicateur_importes') }}

),

reunies as (

    select * from officielles
    union all
    select * from importees

),

final as (

    select
        reunies.*,
        vintage.millesime_cog
    from reunies
    cross join vintage

)

select * from final
-- The rows of a territory lie together, so that a query on one territory reads little.
order by maille, code_territoire, code_indicateur, annee, sous_champ nulls first
