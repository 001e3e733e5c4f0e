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
