{{ config(materialized='table') }}
{#- What is written in the place of a missing value, in lower case. -#}
{%- set absents = ('nd', 'n.d.', 'n.d', 'na', 'n/a', 'n.a.', 'nc', '.', '..', '...', '…', '-', '*') -%}
{%- set secrets = ('s', 'ss', 'secret', 'c') -%}
with

publiees as (

    {% for nom in ['communes', 'epci', 'departements', 'regions'] -%}
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
        -- Codes are case-sensitive: Eff_Tot and eff_tot are two variables.
        'odd_' || {{ remplacer(sans_accents(espaces_simples('variable_publiee')), '[^A-Za-z0-9]+', '_') }}
            as code_indicateur,
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

final as (

    select
        nombres.source,
        nombres.edition,
        nombres.maille,
        nombres.code_publie,
        {{ code_du_territoire('nombres.maille', 'nombres.code_lu') }} as code_territoire,
        nombres.numero_publie,
        nombres.variable_publiee,
        nombres.code_indicateur,
        nombres.libelle_publie,
        nombres.libelle,
        nombres.code_sous_champ,
        nombres.libelle_sous_champ,
        nombres.type_publie,
        coalesce(types.type_variable, 'indice') as type_variable,
        types.type_variable is not null as est_type_connu,
        nombres.unite_publiee,
        coalesce(unites.unite, {{ espaces_simples('nombres.unite_publiee') }}) as unite,
        unites.unite is not null as est_unite_connue,
        nombres.annee,
        nombres.valeur_publiee,
        case
            when {{ correspond_a('nombres.nombre', '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)(e[+-]?[0-9]+)?$') }}
                then cast(nombres.nombre as double)
        end as valeur,
        case
            when nombres.valeur_lue in {{ secrets }} then 'secret'
            when nombres.valeur_lue in {{ absents }} then 'absent'
        end as marqueur
    from nombres
    left join {{ ref('types_de_variable') }} as types on nombres.type_lu = types.type_publie
    left join {{ ref('unites') }} as unites on nombres.unite_lue = unites.unite_publiee

)

select * from final
