{#- How a table or a view is replaced or renewed: in one transaction, under its own name, with as few statements as can
    be. dbt-duckdb builds a second table, renames twice and drops, each in a statement of its own with its events
    (docs/decisions/0023), and asks for columns four times before it renews a table (0045). DuckDB rolls DDL back, so a
    model that fails leaves the previous table either way. -#}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existante, cible = load_cached_relation(this), this.incorporate(type='table') -%}
    {#- What a model in Python writes through its own cursor, outside this transaction. dbt wants this call here. -#}
    {%- set ecrites = make_intermediate_relation(cible) if model['language'] == 'python' -%}
    {%- if ecrites -%}
        {%- do adapter.drop_relation(ecrites) -%}
        {%- call statement('lignes', language='python') -%}
            {{ create_table_as(False, ecrites, compiled_code, 'python') }}
        {%- endcall -%}
    {%- endif -%}
    {%- if existante is not none and existante.is_table and (est_a_remplir(ecrites) or renouvelle_des_mois()) -%}
        {{ renouveler_la_table(cible, ecrites, 'delete from ' ~ cible ~ ';') }}
    {%- else -%}
        {{ refaire_la_table(existante, cible, ecrites) }}
    {%- endif -%}
    {{ return({'relations': [cible]}) }}
{% endmaterialization %}


{#- What a pre-hook has deleted is inserted again; a model in Python says by `unique_key` what it replaces. -#}
{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existante, cible = load_cached_relation(this), this.incorporate(type='table') -%}
    {%- set ecrites = make_intermediate_relation(cible) if model['language'] == 'python' -%}
    {%- if ecrites -%}
        {%- do adapter.drop_relation(ecrites) -%}
        {%- call statement('lignes', language='python') -%}
            {{ create_table_as(False, ecrites, compiled_code, 'python') }}
        {%- endcall -%}
    {%- endif -%}
    {%- if existante is none or existante.is_view or (should_full_refresh() and not est_a_remplir(ecrites)) -%}
        {{ refaire_la_table(existante, cible, ecrites) }}
    {%- else -%}
        {%- if not (ecrites or est_a_remplir(ecrites) or renouvelle_des_mois()) -%}
            {{ refuser_d_autres_colonnes(existante) }}
        {%- endif -%}
        {{ renouveler_la_table(cible, ecrites) }}
    {%- endif -%}
    {{ return({'relations': [cible]}) }}
{% endmaterialization %}


{#- Whether this build renews months of tables that were made by the same text, as `dataelec` makes sure: their columns
    and their comments are those of the project, and need not be compared again. -#}
{% macro renouvelle_des_mois() -%} {{ return(env_var('DATAELEC_MOIS', '') != '') }} {%- endmacro %}


{#- Whether a table only lacks its rows: a lake starts from the tables that the same text has made without rows. Rows that
    a model in Python has written become the table by their name, which is quicker. -#}
{% macro est_a_remplir(ecrites) -%} {{ return(not ecrites and env_var('DATAELEC_TABLES_VIDES', '') != '') }} {%- endmacro %}


{#- Stops when a query does not give the columns of its table, which an insertion by name would fill with nulls. -#}
{% macro refuser_d_autres_colonnes(table) -%}
    {%- if config.get('contract').enforced -%} {{ get_assert_columns_equivalent(compiled_code) }} {%- endif -%}
    {%- set voulues = adapter.get_columns_in_relation(table) | map(attribute='name') | sort -%}
    {%- set donnees = get_column_schema_from_query(compiled_code) | map(attribute='name') | sort -%}
    {%- if voulues != donnees -%}
        {{ exceptions.raise_compiler_error('The columns of ' ~ table ~ ' have changed: build it with --full-refresh.') }}
    {%- endif -%}
{%- endmacro %}


{#- Puts new rows into a table that stays, after `vider`, a statement that deletes the old ones. -#}
{% macro renouveler_la_table(cible, ecrites, vider='') -%}
    {%- set cle = config.get('unique_key') -%}
    {%- set lues = ecrites or '(' ~ compiled_code ~ '\n) as lues' -%}
    {%- if cle and not est_a_remplir(ecrites) -%}
        {%- set vider = 'delete from ' ~ cible ~ ' where ' ~ cle ~ ' in (select ' ~ cle ~ ' from ' ~ lues ~ ');' -%}
    {%- endif -%}
    {%- set oter = 'drop table ' ~ ecrites ~ ';' if ecrites else '' -%}
    {%- set inserer = 'insert into ' ~ cible ~ ' by name select * from ' ~ lues ~ ';' -%}
    {{ executer_le_noeud(vider ~ (inserer if ecrites else par_tranches(inserer)) ~ oter) }}
{%- endmacro %}


{#- SQL condition beside `dans_la_fenetre('mois')`, always true: where a first build fills an empty table a year at a time
    (`par_tranches`), the months of the year stand in its place. Nothing of the model may look beyond a year. -#}
{% macro dans_la_tranche() -%} {{ return('true /* tranche */') }} {%- endmacro %}


{#- An insertion, or one for each year of the lake that fills an empty table: what sorts or compares whole rows of thirty
    years at once does so on disk. Every row is in one of them, also one without a month. -#}
{% macro par_tranches(inserer) -%}
    {%- set bornes, partout = env_var('DATAELEC_TABLES_VIDES', '').split(',')[1:], dans_la_tranche() -%}
    {%- if not bornes or partout not in inserer -%} {{ return(inserer) }} {%- endif -%}
    {%- set tranches = ["mois < '" ~ bornes[0] ~ "'"] -%}
    {%- for borne in bornes -%}
        {%- set fin = '' if loop.last else " and mois < '" ~ loop.nextitem ~ "'" -%}
        {%- do tranches.append("mois >= '" ~ borne ~ "'" ~ fin) -%}
    {%- endfor -%}
    {%- set insertions = [] -%}
    {%- for tranche in tranches + ['mois is null'] -%} {%- do insertions.append(inserer | replace(partout, tranche)) -%} {%- endfor -%}
    {{ return(insertions | join) }}
{%- endmacro %}


{#- Makes a table again in the place of what has its name. -#}
{% macro refaire_la_table(existante, cible, ecrites) -%}
    {%- set oter = 'drop ' ~ existante.type ~ ' if exists ' ~ existante ~ ';' if existante is not none else '' -%}
    {%- set creer = 'alter table ' ~ ecrites ~ ' rename to ' ~ adapter.quote(cible.identifier) if ecrites
        else create_table_as(False, cible, compiled_code) -%}
    {{ executer_le_noeud(oter ~ creer ~ ';' ~ commentaires(cible, model)) }}
{%- endmacro %}


{#- Runs what makes a node, its hooks before and after it, as one text in one transaction; no second copy of it is
    written. -#}
{% macro executer_le_noeud(sql) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- set reponse, _ = adapter.execute(instructions_des(pre_hooks) ~ sql ~ instructions_des(post_hooks), auto_begin=True) -%}
    {%- do store_result('main', response=reponse) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{%- endmacro %}


{#- The statements of the hooks that run inside the transaction. -#}
{% macro instructions_des(hooks) -%}
    {%- for hook in hooks | selectattr('transaction') -%}
        {%- set instruction = render(hook.sql) | trim -%}
        {%- if instruction %}{{ instruction }};{% endif -%}
    {%- endfor -%}
{%- endmacro %}


{% materialization view, adapter='duckdb' %}
    {%- set existante, cible = load_cached_relation(this), this.incorporate(type='view') -%}
    {%- set oter = 'drop ' ~ existante.type ~ ' if exists ' ~ existante ~ ';' if existante is not none else '' -%}
    {{ executer_le_noeud(oter ~ create_view_as(cible, sql) ~ ';' ~ commentaires(cible, model)) }}
    {{ return({'relations': [cible]}) }}
{% endmaterialization %}


{#- Runs the test outside a transaction, and writes no second copy of its SQL (the compiled one is kept). Failures
    that must be stored are left to dbt. What the rules of `controles` have found is the message of the result: dbt has
    room for one number. -#}
{% materialization test, adapter='duckdb' %} {{ return(chercher_les_fautes()) }} {% endmaterialization %}

{% materialization test, adapter='spark' %} {{ return(chercher_les_fautes()) }} {% endmaterialization %}

{% macro chercher_les_fautes() -%}
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
{%- endmacro %}


{#- Comments on a table and its columns as statements, without asking first which columns exist: a described column that
    is absent is a mistake, and stops the build. -#}
{% macro commentaires(relation, model) -%}
    {%- if config.persist_relation_docs() and model.description %}{{ alter_relation_comment(relation, model.description) }}{% endif -%}
    {%- for nom, colonne in (model.columns if config.persist_column_docs() else {}).items() %}
    comment on column {{ relation }}.{{ nom }} is {{ duckdb_escape_comment(colonne['description']) }};
    {%- endfor -%}
{%- endmacro %}

{#- dbt's own macro, which seeds call. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {%- set sql = commentaires(relation, model) | trim -%}
    {%- if sql %} {%- do run_query(sql) -%} {% endif -%}
{% endmacro %}
