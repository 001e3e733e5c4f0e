with

definitions as (

    select
        dim_indicateur.code_indicateur,
        dim_indicateur.facteur,
        definitions.est_publie
    from {{ ref('dim_indicateur') }} as dim_indicateur
    inner join {{ ref('int_indicateur_definitions') }} as definitions
        on dim_indicateur.code_indicateur = definitions.code_indicateur
    where dim_indicateur.regle_agregation = 'ratio'

)

select
    valeurs.code_indicateur,
    valeurs.maille,
    valeurs.code_territoire,
    valeurs.annee,
    valeurs.sous_champ,
    valeurs.valeur,
    valeurs.numerateur,
    valeurs.denominateur,
    'ratio qui n''est pas celui de ses deux termes' as message
from {{ ref('fct_indicateur') }} as valeurs
inner join definitions on valeurs.code_indicateur = definitions.code_indicateur
where
    valeurs.valeur is not null
    -- What a publisher gives as a quotient is rounded, and bears no terms.
    and not (definitions.est_publie and valeurs.maille_source = valeurs.maille)
    and (
        valeurs.numerateur is null
        or valeurs.denominateur is null
        or abs(valeurs.valeur * valeurs.denominateur - definitions.facteur * valeurs.numerateur)
        > 0.000001 * greatest(abs(definitions.facteur * valeurs.numerateur), 1)
    )
