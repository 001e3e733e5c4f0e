with

definitions as (

    select
        code_indicateur,
        facteur
    from {{ ref('dim_indicateur') }}
    where regle_agregation = 'ratio'

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
    and (
        valeurs.numerateur is null
        or valeurs.denominateur is null
        or abs(valeurs.valeur * valeurs.denominateur - definitions.facteur * valeurs.numerateur)
        > 0.000001 * greatest(abs(definitions.facteur * valeurs.numerateur), 1)
    )
