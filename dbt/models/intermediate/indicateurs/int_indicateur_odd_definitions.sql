with

lignes as (

    select * from {{ ref('int_indicateur_odd_lignes') }}

),

-- A variable may have several labels: the most frequent is used, and of equally frequent ones the first in the
-- alphabet.
{% for colonne in ['libelle', 'unite'] -%}
{{ colonne }}s as (

    select
        code_indicateur,
        {{ colonne }}
    from lignes
    where {{ colonne }} is not null
    group by code_indicateur, {{ colonne }}
    qualify row_number() over (partition by code_indicateur order by count(*) desc, {{ colonne }} asc) = 1

),

{% endfor -%}
-- What only some rows call a count is not added up.
indicateurs as (

    select
        code_indicateur,
        case when min(type_variable) = max(type_variable) then min(type_variable) else 'indice' end as type_variable
    from lignes
    group by code_indicateur

),

final as (

    select
        indicateurs.code_indicateur,
        coalesce(libelles.libelle, indicateurs.code_indicateur) as libelle,
        unites.unite,
        indicateurs.type_variable,
        case when indicateurs.type_variable = 'effectif' then 'somme' else 'jamais' end as regle_agregation,
        indicateurs.code_indicateur as numerateur,
        'tous' as sous_champ_numerateur,
        cast(null as varchar) as denominateur,
        cast(1 as double) as facteur,
        0 as ecart_annees_max,
        'INSEE, SDES' as source,
        'Tel que publié (indicateurs territoriaux de développement durable) ; '
        || case when indicateurs.type_variable = 'effectif' then 'sommé' else 'inconnu' end
        || ' aux autres mailles.' as methode,
        'Ce que la lecture a dû corriger est dans mart_indicateur_nettoyage.' as avertissement
    from indicateurs
    left join libelles on indicateurs.code_indicateur = libelles.code_indicateur
    left join unites on indicateurs.code_indicateur = unites.code_indicateur

)

select * from final
