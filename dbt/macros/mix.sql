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


{#- Two CTEs, the last named `final`: the shares of the filières in the energy of `source`, within `groupe`.

    The share is that of the positive energies. Auxiliaries make some energies slightly negative; such a filière has no
    share rather than a negative one, and the shares still add up to 100 %. Null where nothing was produced. -#}
{% macro parts_de_production(source, groupe, mesures=[]) -%}
positives as (

    select
        *,
        {{ energie_positive() }} as positive_mwh,
        sum(cast({{ energie_positive() }} as decimal(38, 6))) over (partition by {{ groupe | join(', ') }}) as total_mwh
    from {{ source }}

),

final as (

    select
        {{ groupe | join(',\n        ') }},
        filiere,
        energie_mwh,
        100 * positive_mwh / nullif(cast(total_mwh as double), 0) as part_pct
        {%- for mesure in mesures %},
        {{ mesure }}
        {%- endfor %}
    from positives

)
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
