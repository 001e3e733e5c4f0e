{#- Territorial indicators: what a sum must cover to be served, in % of the inhabitants of its parts.

    A count without one of its parts is too small by that part: 95 %, as for the homes of
    int_logements_par_territoire. A ratio is computed over the parts whose two terms are known, so a missing part
    matters only if it differs: 80 %, since a fifth of the electricity was withheld at fine grains in the first
    years (SDES, 2017). -#}
{% macro couverture_d_une_somme() -%} 95 {%- endmacro %}
{% macro couverture_d_un_ratio() -%} 80 {%- endmacro %}

{#- Below this coverage the sum is flagged as incomplete. Not 100: a territory without inhabitants counts as one. -#}
{% macro couverture_entiere() -%} 99.9 {%- endmacro %}


{#- Whether an indicator uses this row of a measure, part or whole. -#}
{% macro sous_champ_voulu(voulu, sous_champ) -%}
    case {{ voulu }}
        when 'tous' then true
        when 'ensemble' then {{ sous_champ }} is null
        when 'parties' then {{ sous_champ }} is not null
        else {{ sous_champ }} is not null and {{ sous_champ }} = {{ voulu }}
    end
{%- endmacro %}


{#- A text without leading, trailing or doubled spaces, non-breaking ones (U+00A0, U+202F) included. -#}
{% macro espaces_simples(texte) -%}
    nullif(trim({{ remplacer(texte, '[\\s\\x{00A0}\\x{202F}]+', ' ') }}), '')
{%- endmacro %}


{#- A text in the form in which texts are compared: lower case, without accents, single spaces. -#}
{% macro forme_comparable(texte) -%} lower({{ sans_accents(espaces_simples(texte)) }}) {%- endmacro %}


{#- Code of a published indicator, from that of its variable. Codes are case-sensitive: Eff_Tot and eff_tot are two. -#}
{% macro code_d_indicateur_odd(variable) -%}
    'odd_' || {{ remplacer(sans_accents(variable), '[^A-Za-z0-9]+', '_') }}
{%- endmacro %}


{#- The code of a territory of a grain, with the zeros that a spreadsheet dropped. Some files write overseas
    communes with three characters of the département before three of the commune: 971101 is 97101. Nothing else is
    shortened. The nation and its European part are one territory each, whatever the file calls them. -#}
{% macro code_du_territoire(maille, code) -%}
    case
        when {{ maille }} = 'commune' and {{ correspond_a(code, '^[0-9]{4}$') }} then '0' || {{ code }}
        when {{ maille }} = 'commune' and {{ correspond_a(code, '^97[1-6][0-9]{3}$') }}
            then substr({{ code }}, 1, 2) || substr({{ code }}, 4, 3)
        when {{ maille }} in ('departement', 'region') and {{ correspond_a(code, '^[0-9]$') }} then '0' || {{ code }}
        when {{ maille }} = 'nation' then 'FR'
        when {{ maille }} = 'metropole' then 'FM'
        else upper({{ code }})
    end
{%- endmacro %}


{#- Aggregate: the signed sum of the terms above (`numerateur`) or below (`denominateur`) the line of a formula. -#}
{% macro somme_des_termes(place) -%}
    sum(case when termes.place = '{{ place }}' then termes.signe * mesures.valeur else 0 end)
{%- endmacro %}


{#- Staging of published indicators: INSEE's files of all grains have the same columns. -#}
{% macro indicateurs_odd_publies(territoires, maille) -%}
with

source as (

    select * from {{ source('insee', 'indicateurs_odd_' ~ territoires) }}

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
