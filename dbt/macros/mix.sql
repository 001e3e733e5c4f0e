{#- Shares and balances of the energy mix, the same for a day, a season and a period. -#}

{#- Aggregate: a sum that does not depend on the order of the rows, since decimals are added; null when all are null. -#}
{% macro somme_exacte(mesure, condition='true') -%}
    cast(sum(cast({{ mesure }} as decimal(38, 6))) filter (where {{ condition }}) as double)
{%- endmacro %}


{#- The energy of a filière as far as it was produced: zero for the slightly negative ones, null for one not read
    (`greatest` would make it zero). -#}
{% macro energie_positive(energie='energie_mwh') -%}
    case when {{ energie }} > 0 then {{ energie }} when {{ energie }} <= 0 then 0 end
{%- endmacro %}


{#- Aggregate: share (%) of the filières of production for which `caractere` is true. -#}
{% macro part_des_filieres(caractere) -%}
    100 * coalesce({{ somme_exacte(energie_positive(), 'est_production and ' ~ caractere) }}, 0)
        / nullif({{ somme_exacte(energie_positive(), 'est_production') }}, 0)
{%- endmacro %}


{#- Power (MW) of what a balance counts as nothing where it is not published. -#}
{% macro zero_si_absente(filiere) -%} case when {{ filiere }}_mw is null then 0 else {{ filiere }}_mw end {%- endmacro %}


{#- Power produced (MW), as far as it was read: what a published rate of CO2 is weighted with. RTE's rate of a label
    stands although one filière is missing there, or is no longer published at all. Null when nothing was read. -#}
{% macro production_lue_mw(filieres) -%}
    case
        when coalesce({{ filieres | join('_mw, ') }}_mw) is not null
            then {% for filiere in filieres %}{{ zero_si_absente(filiere) }}{{ ' + ' if not loop.last }}{% endfor %}
    end
{%- endmacro %}
