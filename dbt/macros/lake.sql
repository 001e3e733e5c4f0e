{#- How the lake's months are pruned. Sources name the Parquet files themselves (`_odre__sources.yml`). -#}

{#- The months that this build must renew, from the environment (a new value of `--vars` would re-parse the whole
    project): a comma-separated list such as `2026-03,2026-04`; empty means all of them. -#}
{% macro mois_a_refaire() -%}
    {{ return(env_var('DATAELEC_MOIS', '').split(',') | select | list if execute else []) }}
{%- endmacro %}


{#- SQL condition that keeps the months to renew; always true on a full build. -#}
{% macro dans_la_fenetre(colonne='mois') -%}
    {%- set mois = mois_a_refaire() -%}
    {%- if is_incremental() and mois -%}
        {{ colonne }} in ({% for m in mois %}'{{ m }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#- Pre-hook of monthly facts: empties the months to renew, in the transaction that fills them again. Unlike the
    delete+insert strategy, it also removes a month that has no row any more. -#}
{% macro vider_la_fenetre() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ dans_la_fenetre() }}
    {%- endif -%}
{%- endmacro %}
