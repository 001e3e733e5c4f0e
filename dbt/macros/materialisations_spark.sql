{#- How tables are made and renewed on Spark, whose Parquet tables know neither transactions nor DELETE: the rows that stay
    are written again, and months that are partitions are overwritten. Nobody reads these tables but the build: what users
    open is published afterwards (docs/decisions/0067). -#}

{% materialization table, adapter='spark', supported_languages=['sql', 'python'] %}
    {%- set cible = this.incorporate(type='table') -%}
    {{ executer_les_hooks(pre_hooks) }}
    {#- dbt wants models in Python to be called from here. -#}
    {%- if model['language'] == 'python' -%}
        {%- call statement('main', language='python') -%} {{ compiled_code }} {%- endcall -%}
    {%- else -%}
        {{ refaire_sur_spark(cible) }}
    {%- endif -%}
    {%- do adapter.cache_added(cible) -%}
    {{ executer_les_hooks(post_hooks) }}
    {{ return({'relations': [cible]}) }}
{% endmaterialization %}


{#- What a pre-hook has deleted is inserted again; a model in Python says by `unique_key` what it replaces, and its step
    (dataelec_assets/warehouse/spark_models.py) does so. -#}
{% materialization incremental, adapter='spark', supported_languages=['sql', 'python'] %}
    {%- set cible = this.incorporate(type='table') -%}
    {%- set est_a_refaire = load_cached_relation(this) is none or should_full_refresh() -%}
    {%- if not est_a_refaire -%} {{ executer_les_hooks(pre_hooks) }} {%- endif -%}
    {%- if model['language'] == 'python' -%}
        {%- call statement('main', language='python') -%} {{ compiled_code }} {%- endcall -%}
    {%- elif est_a_refaire -%}
        {{ refaire_sur_spark(cible) }}
    {%- else -%}
        {{ exiger_le_contrat() }}
        {%- call statement('main') -%} insert into {{ cible }} by name {{ compiled_code }} {%- endcall -%}
    {%- endif -%}
    {%- do adapter.cache_added(cible) -%}
    {{ executer_les_hooks(post_hooks) }}
    {{ return({'relations': [cible]}) }}
{% endmaterialization %}


{#- Makes a table of a model in SQL again; that of a model that renews months is cut by month. -#}
{% macro refaire_sur_spark(cible) -%}
    {{ exiger_le_contrat() }}
    {%- do adapter.drop_relation(load_cached_relation(this) or cible) -%}
    {%- call statement('main') -%}
        create table {{ cible }} using parquet
        {%- if est_coupee_par_mois() %} partitioned by (mois){% endif %} {{ emplacement(cible) }}
        as {{ dans_les_types_du_contrat(compiled_code) }}
    {%- endcall -%}
{%- endmacro %}


{#- Whether a model empties whole months before it makes them again, so that each is a partition. -#}
{% macro est_coupee_par_mois() -%}
    {{ return('vider_la_fenetre()' in pre_hooks | map(attribute='sql') | join(' ')) }}
{%- endmacro %}


{#- Stops when a model does not give the columns that its contract promises. Integers of any width are one kind, and so
    are the two kinds of timestamps: the table gets the contract's own type. -#}
{% macro exiger_le_contrat() -%}
    {%- if config.get('contract').enforced -%}
        {%- set donnees, promises = {}, {} -%}
        {%- for colonne in adapter.get_column_schema_from_query(get_empty_subquery_sql(compiled_code)) -%}
            {%- do donnees.update({colonne.name: genre_de(colonne.dtype)}) -%}
        {%- endfor -%}
        {%- for nom, colonne in model.columns.items() -%}
            {%- do promises.update({nom: genre_de(colonne.data_type)}) -%}
        {%- endfor -%}
        {%- if donnees != promises -%}
            {%- set faux = [] -%}
            {%- for nom in promises.keys() | list + donnees.keys() | list
                if promises.get(nom) != donnees.get(nom) and nom not in faux -%}
                {%- do faux.append(nom ~ ' (' ~ promises.get(nom) ~ ' promised, ' ~ donnees.get(nom) ~ ' given)') -%}
            {%- endfor -%}
            {{ exceptions.raise_compiler_error('The columns of ' ~ this ~ ' are not those of its contract: '
                ~ faux | join(', ') ~ '.') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro genre_de(type) -%}
    {%- set type = type | lower -%}
    {{ return(
        'integer' if type in ('int', 'integer', 'bigint', 'long', 'smallint', 'short')
        else 'timestamp' if type.startswith('timestamp')
        else 'string' if type in ('varchar', 'string')
        else type
    ) }}
{%- endmacro %}


{#- A query whose columns have the types of the contract, in its order; as it is where there is none. -#}
{% macro dans_les_types_du_contrat(requete) -%}
    {%- if not config.get('contract').enforced -%} {{ requete }} {%- else -%}
    select
        {%- for nom, colonne in model.columns.items() %}
        cast({{ nom }} as {{ type_sur_spark(colonne.data_type) }}) as {{ nom }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {{ requete }}
    )
    {%- endif -%}
{%- endmacro %}


{#- Spark's name of a type of a contract or of a seed. -#}
{% macro type_sur_spark(type) -%}
    {%- set genre = genre_de(type) -%}
    {{ return('string' if genre == 'string' else 'timestamp' if genre == 'timestamp' else type) }}
{%- endmacro %}


{#- Runs hooks. A DELETE is a table written again without these rows, if it has any. -#}
{% macro executer_les_hooks(hooks) -%}
    {%- for hook in hooks -%}
        {%- set instruction, mois = render(hook.sql) | trim, mois_a_refaire() -%}
        {%- set effacer = 'delete from ' ~ this -%}
        {%- set suite = instruction[effacer | length:] | trim -%}
        {%- if 'vider_la_fenetre()' in hook.sql and mois and instruction -%}
            {{ vider_des_mois(this, mois) }}
        {%- elif instruction.startswith(effacer) and suite.startswith('where ') -%}
            {%- if run_query('select 1 from ' ~ this ~ ' ' ~ suite ~ ' limit 1').rows | length -%}
                {{ garder(this, 'not coalesce(' ~ suite[6:] ~ ', false)') }}
            {%- endif -%}
        {%- elif instruction -%}
            {%- do run_query(instruction) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{#- Empties some months of a table that is cut by month. A partition that is dropped would leave its files. -#}
{% macro vider_des_mois(table, mois) -%}
    {%- set vides = [] -%}
    {%- for colonne in adapter.get_columns_in_relation(table) if colonne.name != 'mois' -%}
        {%- do vides.append('cast(null as ' ~ colonne.dtype ~ ') as ' ~ colonne.name) -%}
    {%- endfor -%}
    {%- for m in mois -%}
        {%- do run_query('insert overwrite table ' ~ table ~ " partition (mois = '" ~ m ~ "') select "
            ~ vides | join(', ') ~ ' where false') -%}
    {%- endfor -%}
{%- endmacro %}


{#- Writes a table again with the rows that a condition keeps, by way of another: none can be read while it is written. -#}
{% macro garder(table, condition) -%}
    {%- set reste = make_intermediate_relation(table) -%}
    {%- do run_query('drop table if exists ' ~ reste) -%}
    {%- do run_query('create table ' ~ reste ~ ' using parquet ' ~ emplacement(reste)
        ~ ' as select * from ' ~ table ~ ' where ' ~ condition) -%}
    {%- do run_query('insert overwrite table ' ~ table ~ ' by name select * from ' ~ reste) -%}
    {%- do run_query('drop table ' ~ reste) -%}
{%- endmacro %}


{#- Where the files of a table are. The session knows tables while it lives; the next one finds them there
    (dataelec_assets/warehouse/spark_tables.py). -#}
{% macro emplacement(table) -%}
    location '{{ env_var('DATAELEC_SPARK_TABLES', '../lake/spark/tables') }}/{{ table.schema }}/{{ table.identifier }}'
{%- endmacro %}


{#- Rows of a seed as one statement: dbt-spark binds values without escaping their apostrophes. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set lignes = [] -%}
    {%- for ligne in agate_table.rows -%}
        {%- set valeurs = [] -%}
        {%- for colonne in agate_table.column_names -%}
            {%- set type = type_sur_spark(types.get(colonne, adapter.convert_type(agate_table, loop.index0))) -%}
            {%- do valeurs.append('cast(' ~ (litteral(ligne[colonne]) if ligne[colonne] is not none else 'null') ~ ' as ' ~ type ~ ')') -%}
        {%- endfor -%}
        {%- do lignes.append('(' ~ valeurs | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set sql = 'insert overwrite table ' ~ this ~ ' values ' ~ lignes | join(',\n') -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set types, colonnes = model['config'].get('column_types', {}), [] -%}
    {%- for colonne in agate_table.column_names -%}
        {%- do colonnes.append(colonne ~ ' ' ~ type_sur_spark(types.get(colonne, adapter.convert_type(agate_table, loop.index0)))) -%}
    {%- endfor -%}
    {%- set sql = 'create table ' ~ this ~ ' (' ~ colonnes | join(', ') ~ ') using parquet ' ~ emplacement(this) -%}
    {%- do run_query(sql) -%}
    {{ return(sql) }}
{%- endmacro %}

