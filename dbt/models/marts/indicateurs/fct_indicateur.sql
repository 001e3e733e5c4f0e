with

vintage as (

    select max(derniere_edition) as millesime_cog
    from {{ ref('dim_commune') }}

),

final as (

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
        vintage.millesime_cog
    from {{ ref('int_indicateur_calcules') }} as valeurs
    inner join {{ ref('int_indicateur_definitions') }} as definitions
        on valeurs.code_indicateur = definitions.code_indicateur
    cross join vintage

)

select * from final
-- The rows of a territory lie together, so that a query on one territory reads little.
order by maille, code_territoire, code_indicateur, annee, sous_champ nulls first
