{#- Territorial indicators: what a sum must cover to be told, in % of the inhabitants of its parts.

    A count that lacks a part is too small by as much: 95 %, as for the homes of int_logements_par_territoire. A ratio
    is computed over the parts of which both terms are known, so what lacks only matters as far as it differs: 80 %, for
    a fifth of the electricity was untold at fine grains in the first years (SDES, 2017). -#}
{% macro couverture_d_une_somme() -%} 95 {%- endmacro %}
{% macro couverture_d_un_ratio() -%} 80 {%- endmacro %}

{#- Below it a part is said to lack. Not 100: territories without inhabitants count for one. -#}
{% macro couverture_entiere() -%} 99.9 {%- endmacro %}


{#- Whether a row of a measure, part or whole, is one that an indicator is made from. -#}
{% macro sous_champ_voulu(voulu, sous_champ) -%}
    case {{ voulu }}
        when 'tous' then true
        when 'ensemble' then {{ sous_champ }} is null
        when 'parties' then {{ sous_champ }} is not null
        else {{ sous_champ }} is not null and {{ sous_champ }} = {{ voulu }}
    end
{%- endmacro %}


{#- Body of a staging model of the published indicators: the four grains differ in nothing but their file. -#}
{% macro staging_indicateurs_odd(source, maille) -%}
with

source as (

    select * from {{ source }}

),

renamed as (

    select
        edition,
        '{{ maille }}' as maille,
        codgeo as code_publie,
        libgeo as nom_publie,
        variable as variable_publiee,
        libelle_variable as libelle_publie,
        sous_champ as sous_champ_publie,
        libelle_sous_champ as libelle_sous_champ_publie,
        type_var as type_publie,
        unite as unite_publiee,
        no_indic as numero_publie,
        annee,
        valeur as valeur_publiee
    from source

)

select * from renamed
{%- endmacro %}


{#- A text without spaces around it or doubled within, the unbreakable ones (U+00A0, U+202F) included. -#}
{% macro espaces_simples(texte) -%}
    nullif(trim({{ remplacer(texte, '[\\s\\x{00A0}\\x{202F}]+', ' ') }}), '')
{%- endmacro %}


{#- A text as it is compared: small, without accents, spaces single. -#}
{% macro forme_comparable(texte) -%} lower({{ sans_accents(espaces_simples(texte)) }}) {%- endmacro %}


{#- The code of a territory of a grain, with the zeros that a spreadsheet has dropped. Overseas communes are found with
    the département in three characters before the three of the commune: 971101 is 97101. Never shortens anything else. -#}
{% macro code_du_territoire(maille, code) -%}
    case
        when {{ maille }} = 'commune' and {{ correspond_a(code, '^[0-9]{4}$') }} then '0' || {{ code }}
        when {{ maille }} = 'commune' and {{ correspond_a(code, '^97[1-6][0-9]{3}$') }}
            then substr({{ code }}, 1, 2) || substr({{ code }}, 4, 3)
        when {{ maille }} in ('departement', 'region') and {{ correspond_a(code, '^[0-9]$') }} then '0' || {{ code }}
        else upper({{ code }})
    end
{%- endmacro %}
