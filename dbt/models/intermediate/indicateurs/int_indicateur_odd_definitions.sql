with

lignes as (

    select * from {{ ref('int_indicateur_odd_lignes') }}

),

-- A variable may have several labels: one that a file prints beats the dictionary's, then the most frequent is used,
-- and of equally frequent ones the first in the alphabet.
{% for colonne, publiee in [('libelle', 'libelle_publie'), ('unite', 'unite_publiee')] -%}
{{ colonne }}s_comptes as (

    select
        code_indicateur,
        {{ colonne }},
        max(case when {{ publiee }} <> '' then 1 else 0 end) as est_imprime,
        count(*) as nombre_lignes
    from lignes
    where {{ colonne }} is not null
    group by code_indicateur, {{ colonne }}

),

{{ colonne }}s as (

    select
        code_indicateur,
        {{ colonne }}
    from {{ colonne }}s_comptes
    qualify row_number() over (
        partition by code_indicateur order by est_imprime desc, nombre_lignes desc, {{ colonne }} asc
    ) = 1

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

dictionnaire as (

    select
        code_indicateur,
        min(regle_agregation) as regle_agregation,
        min(raison) as raison,
        min(facteur) as facteur,
        -- The parts of a variable have formulas of one form: that of the first is shown.
        min(formule) as formule
    from {{ ref('int_indicateur_odd_dictionnaire') }}
    group by code_indicateur

),

termes as (

    select
        code_indicateur,
        place,
        {{ liste_en_texte('mesure') }} as mesures
    from (
        select distinct
            code_indicateur,
            place,
            mesure
        from {{ ref('int_indicateur_odd_termes') }}
    ) as distincts
    group by code_indicateur, place

),

regles as (

    select
        indicateurs.code_indicateur,
        indicateurs.type_variable,
        coalesce(
            dictionnaire.regle_agregation,
            case when indicateurs.type_variable = 'effectif' then 'somme' else 'jamais' end
        ) as regle_agregation,
        coalesce(dictionnaire.raison, 'absent du dictionnaire de l''INSEE') as raison,
        coalesce(dictionnaire.facteur, 1) as facteur,
        dictionnaire.formule
    from indicateurs
    left join dictionnaire on indicateurs.code_indicateur = dictionnaire.code_indicateur

),

final as (

    select
        regles.code_indicateur,
        coalesce(libelles.libelle, regles.code_indicateur) as libelle,
        unites.unite,
        regles.type_variable,
        regles.regle_agregation,
        coalesce(numerateurs.mesures, regles.code_indicateur) as numerateur,
        'tous' as sous_champ_numerateur,
        denominateurs.mesures as denominateur,
        regles.facteur,
        0 as ecart_annees_max,
        'INSEE, SDES' as source,
        'Tel que publié (indicateurs territoriaux de développement durable). Aux mailles que la source ne publie pas : '
        || case regles.regle_agregation
            when 'somme' then 'somme des parties.'
            when 'ratio' then 'recalculé des sommes de ses termes, ' || regles.formule || '.'
            else 'inconnu, ' || regles.raison || '.'
        end as methode,
        'Ce que la lecture a dû corriger est dans mart_indicateur_nettoyage.' as avertissement
    from regles
    left join libelles on regles.code_indicateur = libelles.code_indicateur
    left join unites on regles.code_indicateur = unites.code_indicateur
    left join termes as numerateurs
        on regles.code_indicateur = numerateurs.code_indicateur and numerateurs.place = 'numerateur'
    left join termes as denominateurs
        on regles.code_indicateur = denominateurs.code_indicateur and denominateurs.place = 'denominateur'

)

select * from final
