{#- How the lake's months are pruned. Sources name the Parquet files themselves (`_odre__sources.yml`). -#}

{#- The months that this build must rebuild, from the environment (a new value of `--vars` would re-parse the whole
    project): a comma-separated list such as `2026-03,2026-04`; empty means all of them. -#}
{% macro mois_a_refaire() -%}
    {{ return(env_var('DATAELEC_MOIS', '').split(',') | select | list if execute else []) }}
{%- endmacro %}


{#- SQL condition that keeps the months to rebuild; always true on a full build. -#}
{% macro dans_la_fenetre(colonne='mois') -%}
    {%- set mois = mois_a_refaire() -%}
    {%- if is_incremental() and mois -%}
        {{ colonne }} in ({% for m in mois %}'{{ m }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#- Pre-hook of monthly facts: deletes the months to rebuild, in the transaction that inserts them. Unlike the
    delete+insert strategy, it also removes a month that no longer has any row. -#}
{% macro vider_la_fenetre() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ dans_la_fenetre() }}
    {%- endif -%}
{%- endmacro %}


{#- Post-hook of a monthly table that keeps a number of calendar years before that of its newest reading. -#}
{% macro oublier_les_annees(gardees) -%}
    delete from {{ this }}
    where extract(year from date) < (
        select max(extract(year from date)) - {{ gardees }} from {{ this }} where consommation_mw is not null
    )
{%- endmacro %}


{#- What a data test reads; replaces dbt's own macro. A test of many rules leaves it to each of them (`controles`). -#}
{% macro get_where_subquery(relation) -%}
    {%- if model.test_metadata and model.test_metadata.name == 'controles' -%} {{ return(relation) }} {%- endif -%}
    {{ return(lignes_a_lire(relation, {
        'where': config.get('where'),
        'severity': config.get('severity', 'error'),
        'warn_if': config.get('warn_if'),
        'error_if': config.get('error_if'),
    })) }}
{%- endmacro %}
