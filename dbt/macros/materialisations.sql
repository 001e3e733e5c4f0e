{#- How a table or a view replaces the previous one: in one transaction, under its own name. dbt-duckdb builds a
    second table, renames twice and drops, each in a statement of its own with its events: half of the statements of
    a build (docs/decisions/0023). DuckDB rolls DDL back, so a model that fails leaves the previous table either
    way. -#}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existante, cible, langage = load_cached_relation(this), this.incorporate(type='table'), model['language'] -%}
    {%- set oter = 'drop ' ~ existante.type ~ ' if exists ' ~ existante ~ ';' if existante is not none else '' -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if langage == 'sql' -%}
        {%- call statement('main') -%} {{ oter }} {{ create_table_as(False, cible, compiled_code) }} {%- endcall -%}
    {%- else -%}
        {#- A Python model writes through its own cursor, outside this transaction: to a second table, then
            renamed. -#}
        {%- set a_cote = make_intermediate_relation(cible) -%}
        {%- do adapter.drop_relation(a_cote) -%}
        {%- call statement('main', language=langage) -%}
            {{ create_table_as(False, a_cote, compiled_code, langage) }}
        {%- endcall -%}
        {%- call statement('place') -%}
            {{ oter }} alter table {{ a_cote }} rename to {{ adapter.quote(cible.identifier) }};
        {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(cible, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [cible]}) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {%- set existante, cible = load_cached_relation(this), this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {%- if existante is not none %} drop {{ existante.type }} if exists {{ existante }}; {% endif -%}
        {{ create_view_as(cible, sql) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(cible, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [cible]}) }}
{% endmaterialization %}


{#- Runs the test outside a transaction, and writes no second copy of its SQL (the compiled one is kept). Failures
    that must be stored are left to dbt. What the rules of `controles` have found is the message of the result: dbt has
    room for one number. -#}
{% materialization test, adapter='duckdb' %}
    {%- if should_store_failures() or config.get('limit') -%} {{ return(dbt.materialization_test_default()) }} {%- endif -%}
    {%- set regles, constats = (model.test_metadata or {}).get('name') == 'controles', [] -%}
    {%- set cherche = get_test_sql(sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), none) -%}
    {%- if regles -%}
        {%- for ligne in adapter.execute(sql, auto_begin=False, fetch=True)[1].rows -%}
            {%- do constats.append({'regle': ligne.regle, 'bloque': ligne.bloque | int, 'lignes': ligne.lignes | int,
                'requete': ligne.requete}) -%}
            {%- do log(ligne.regle ~ ': ' ~ ligne.lignes ~ ' ligne(s) en défaut', info=true) -%}
        {%- endfor -%}
        {%- set bloquants = constats | sum(attribute='bloque') -%}
        {%- set cherche = 'select ' ~ constats | length ~ ' as failures, ' ~ (constats | length > 0) ~ ' as should_warn, '
            ~ (bloquants > 0) ~ ' as should_error' -%}
    {%- endif -%}
    {%- set reponse, trouve = adapter.execute(cherche, auto_begin=False, fetch=True) -%}
    {%- do store_raw_result('main', message=tojson(constats), code=none, rows_affected=none, agate_table=trouve) -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}


{#- Comments on a table and its columns in one statement, without asking first which columns exist: a described
    column that is absent is a mistake, and stops the build. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {%- set de_la_table = for_relation and config.persist_relation_docs() and model.description -%}
    {%- set colonnes = model.columns if for_columns and config.persist_column_docs() else {} -%}
    {%- set sql -%}
        {%- if de_la_table %}{{ alter_relation_comment(relation, model.description) }}{% endif -%}
        {%- for nom, colonne in colonnes.items() %}
        comment on column {{ relation }}.{{ nom }} is {{ duckdb_escape_comment(colonne['description']) }};
        {%- endfor -%}
    {%- endset -%}
    {%- if sql | trim %} {%- do run_query(sql) -%} {% endif -%}
{% endmacro %}
