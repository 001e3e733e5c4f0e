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


{#- What a data test reads, in the place of dbt's own macro. A check that blocks, of a monthly fact, reads the months of
    this build only: the others have passed it when they were built, and have not been touched since. What only warns goes
    on listing the whole history. -#}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [config.get('where')] if config.get('where') else [] -%}
    {%- set fait = graph.nodes.get(model.attached_node) if execute else none -%}
    {%- set mois = mois_a_refaire() -%}
    {%- if mois and fait and fait.config.incremental_strategy == 'append' and 'mois' in fait.columns
        and config.get('severity', 'error') | lower == 'error' and config.get('warn_if') == config.get('error_if') -%}
        {%- do conditions.append("mois in ('" ~ mois | join("', '") ~ "')") -%}
    {%- endif -%}
    {%- if conditions -%}
        (select * from {{ relation }} where ({{ conditions | join(') and (') }})) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
