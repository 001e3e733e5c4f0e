{{ config(materialized='table') }}
{#- What is written in the place of a missing value, in lower case. -#}
{%- set absents = ('nd', 'n.d.', 'n.d', 'na', 'n/a', 'n.a.', 'nc', '.', '..', '...', '…', '-', '*') -%}
{%- set secrets = ('s', 'ss', 'secret', 'c') -%}
with

publiees as (

    {% for nom in ['communes', 'epci', 'crte', 'departements', 'regions', 'metropole', 'france'] -%}
    select
        'indicateurs-odd-{{ nom }}' as source,
        *
    from {{ ref('stg_insee__indicateurs_odd_' ~ nom) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

lues as (

    select
        *,
        {{ espaces_simples('code_publie') }} as code_lu,
        {{ espaces_simples('variable_publiee') }} as variable,
        {{ espaces_simples('libelle_publie') }} as libelle,
        {{ espaces_simples('sous_champ_publie') }} as code_sous_champ,
        {{ espaces_simples('libelle_sous_champ_publie') }} as libelle_sous_champ,
        {{ forme_comparable('type_publie') }} as type_lu,
        {{ forme_comparable('unite_publiee') }} as unite_lue,
        lower({{ espaces_simples('valeur_publiee') }}) as valeur_lue
    from publiees

),

-- A comma is a decimal separator, unless a point follows it.
nombres as (

    select
        *,
        case
            when valeur_lue like '%,%.%' then {{ remplacer('valeur_lue', '[, ]', '') }}
            else replace({{ remplacer('valeur_lue', ' ', '') }}, ',', '.')
        end as nombre
    from lues

),

-- Files of SDES name a part and have no code for it: the dictionary's is taken where one part of the variable has the
-- name, otherwise the name itself.
parties as (

    select
        variable,
        {{ forme_comparable('libelle_sous_champ') }} as nom,
        min(sous_champ) as sous_champ
    from {{ ref('int_indicateur_odd_dictionnaire') }}
    where sous_champ <> ''
    group by variable, {{ forme_comparable('libelle_sous_champ') }}
    having count(*) = 1

),

codees as (

    select
        nombres.*,
        coalesce(nombres.code_sous_champ, parties.sous_champ, nombres.libelle_sous_champ) as partie
    from nombres
    left join parties
        on
            nombres.code_sous_champ is null
            and nombres.variable = parties.variable
            and {{ forme_comparable('nombres.libelle_sous_champ') }} = parties.nom

),

final as (

    select
        lignes.source,
        lignes.edition,
        lignes.maille,
        lignes.code_publie,
        {{ code_du_territoire('lignes.maille', 'lignes.code_lu') }} as code_territoire,
        lignes.numero_publie,
        lignes.variable_publiee,
        coalesce(dictionnaire.code_indicateur, {{ code_d_indicateur_odd('lignes.variable') }}) as code_indicateur,
        lignes.libelle_publie,
        coalesce(lignes.libelle, dictionnaire.libelle) as libelle,
        lignes.partie as code_sous_champ,
        coalesce(lignes.libelle_sous_champ, dictionnaire.libelle_sous_champ) as libelle_sous_champ,
        lignes.type_publie,
        coalesce(dictionnaire.type_variable, types.type_variable, 'indice') as type_variable,
        coalesce(dictionnaire.type_variable, types.type_variable) is not null as est_type_connu,
        lignes.unite_publiee,
        coalesce(unites.unite, {{ espaces_simples('lignes.unite_publiee') }}, dictionnaire.unite) as unite,
        unites.unite is not null or lignes.unite_lue is null as est_unite_connue,
        lignes.annee,
        lignes.valeur_publiee,
        case
            when {{ correspond_a('lignes.nombre', '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)(e[+-]?[0-9]+)?$') }}
                then cast(lignes.nombre as double)
        end as valeur,
        case
            when lignes.valeur_lue in {{ secrets }} then 'secret'
            when lignes.valeur_lue in {{ absents }} then 'absent'
        end as marqueur
    from codees as lignes
    left join {{ ref('int_indicateur_odd_dictionnaire') }} as dictionnaire
        on
            lignes.variable = dictionnaire.variable
            and coalesce(lignes.partie, '') = dictionnaire.sous_champ
    left join {{ ref('types_de_variable') }} as types on lignes.type_lu = types.type_publie
    left join {{ ref('unites') }} as unites on lignes.unite_lue = unites.unite_publiee

)

select * from final
