{#- Expressions for shares and balances of the energy mix, common to days, seasons and periods. -#}

{#- Aggregate: a sum of decimals, which does not depend on the order of the rows; null when all are null. -#}
{% macro somme_exacte(mesure, condition='true') -%}
    cast(sum(cast({{ mesure }} as decimal(38, 6))) filter (where {{ condition }}) as double)
{%- endmacro %}


{#- The energy that a filière produced: zero for a slightly negative one, null for one that was not read (`greatest`
    would make it zero). -#}
{% macro energie_positive(energie='energie_mwh') -%}
    case when {{ energie }} > 0 then {{ energie }} when {{ energie }} <= 0 then 0 end
{%- endmacro %}


{#- Aggregate: share (%) of the filières of production for which `caractere` is true. -#}
{% macro part_des_filieres(caractere) -%}
    100 * coalesce({{ somme_exacte(energie_positive(), 'est_production and ' ~ caractere) }}, 0)
        / nullif({{ somme_exacte(energie_positive(), 'est_production') }}, 0)
{%- endmacro %}


{#- Power (MW) of a term that a balance counts as zero where it is not published. -#}
{% macro zero_si_absente(filiere) -%} case when {{ filiere }}_mw is null then 0 else {{ filiere }}_mw end {%- endmacro %}


{#- Power produced (MW), as far as it was read: the weight of a published CO2 rate. RTE's rate holds even if one
    filière is missing at that label, or is no longer published. Null when nothing was read. -#}
{% macro production_lue_mw(filieres) -%}
    case
        when coalesce({{ filieres | join('_mw, ') }}_mw) is not null
            then {% for filiere in filieres %}{{ zero_si_absente(filiere) }}{{ ' + ' if not loop.last }}{% endfor %}
    end
{%- endmacro %}
