{#- All checks of one table as one node. Those of single rows share a scan (`faute_…` below); the others have one of
    their own. A rule is written as dbt writes a test (`- accepted_range: {name: …, description: …, arguments: {…},
    config: {…}}`) and keeps its name, severity and thresholds; without a name it is `<kind>_<table>_<column>`. The node
    returns a row for each rule that fails: its name, whether it blocks, how many rows fail it, and the query that lists
    them. -#}
{% test controles(model, regles) %}
{{- config(error_if='> 0 and sum(bloque) > 0') -}}
{#- While dbt parses, a test knows only the macros that it calls by name. -#}
{%- set balayages, constats = {}, [] -%}
{%- for regle in regles if execute %}{% for genre, dit in regle.items() -%}
    {%- set reglage = dit.get('config', {}) -%}
    {%- set lues = lignes_a_lire(model, reglage) -%}
    {%- set faute, en_defaut = context.get('faute_' ~ genre), context.get('test_' ~ genre) -%}
    {%- if not en_defaut %}{{ exceptions.raise_compiler_error("controles: no test is called " ~ genre) }}{% endif -%}
    {%- set requete = en_defaut(lues, **dit.arguments) | trim -%}
    {%- set compte = 'regle_' ~ constats | length -%}
    {%- if faute -%}
        {%- do balayages.setdefault(lues, []).append(faute(**dit.arguments) ~ ' as ' ~ compte) -%}
        {%- set source = 'balayage_' ~ (balayages.keys() | list).index(lues) -%}
    {%- else -%}
        {%- set source = '(select count(*) as ' ~ compte ~ ' from (' ~ requete ~ ') as lignes) as decompte' -%}
    {%- endif -%}
    {%- set bloque = "case when " ~ compte ~ " " ~ reglage.get('error_if', '!= 0') ~ " then 1 else 0 end"
        if reglage.get('severity', 'error') | lower == 'error' else '0' -%}
    {%- do constats.append(
        "select '" ~ nom_de_la_regle(genre, dit) ~ "' as regle, " ~ compte ~ " as lignes, " ~ bloque ~ " as bloque, "
        ~ "case when " ~ compte ~ " " ~ reglage.get('warn_if', '!= 0') ~ " then 1 else 0 end as averti, "
        ~ litteral(requete) ~ " as requete from " ~ source
    ) -%}
{%- endfor %}{% endfor -%}

with
{% for lues, comptes in balayages.items() -%}
balayage_{{ loop.index0 }} as (select {{ comptes | join(', ') }} from {{ lues }}),
{% endfor -%}
constats as (
    {{ constats | join('\n    union all\n    ') }}
)

select regle, bloque, lignes, requete
from constats
where bloque = 1 or averti = 1

{% endtest %}


{% macro nom_de_la_regle(genre, dit) -%}
    {{ return(dit.name or [genre, model.attached_node.split('.')[-1], dit.arguments.column_name] | join('_')) }}
{%- endmacro %}


{#- What a rule reads: the rows that its `where` keeps. On a monthly fact, a rule that blocks reads only the months of
    this build, and its years on a table that renews years (`meta: {renouvelle_les_annees_de: <column of days>}`): the
    others passed it when they were built, and have not changed since. A rule that only warns still lists the whole
    history. -#}
{% macro lignes_a_lire(relation, reglage) -%}
    {%- set conditions = [reglage.where] if reglage.where else [] -%}
    {%- set fait = graph.nodes.get(model.attached_node) if execute else none -%}
    {%- set mois = mois_a_refaire() -%}
    {%- if mois and fait and reglage.get('severity', 'error') | lower == 'error'
        and reglage.get('warn_if', '!= 0') == reglage.get('error_if', '!= 0') -%}
        {%- if fait.config.incremental_strategy == 'append' and 'mois' in fait.columns -%}
            {%- do conditions.append("mois in ('" ~ mois | join("', '") ~ "')") -%}
        {%- elif fait.config.meta.renouvelle_les_annees_de -%}
            {%- do conditions.append(jour_des_annees_a_refaire(fait.config.meta.renouvelle_les_annees_de)) -%}
        {%- endif -%}
    {%- endif -%}
    {#- `from jours where (est_ferie)` would call the table `where` and its column `est_ferie` on Spark. -#}
    {{ return('(select * from ' ~ relation ~ ' where true and (' ~ conditions | join(') and (') ~ ')) as dbt_subquery'
        if conditions else relation | string) }}
{%- endmacro %}


{#- Counts of the rows in default, one macro for each kind of rule that looks at single rows. -#}
{% macro compte_si(condition) -%} count(case when {{ condition }} then 1 end) {%- endmacro %}

{% macro faute_expression_is_true(expression, column_name=none, message='') -%}
    {{ compte_si('not (' ~ expression ~ ')') }}
{%- endmacro %}

{% macro faute_never_null(columns, message='') -%}
    {{ compte_si(columns | join(' is null or ') ~ ' is null') }}
{%- endmacro %}

{% macro faute_not_null(column_name) -%} {{ compte_si(column_name ~ ' is null') }} {%- endmacro %}

{% macro faute_accepted_range(column_name, min_value=none, max_value=none, message='') -%}
    {{ compte_si(hors_bornes(column_name, min_value, max_value)) }}
{%- endmacro %}

{% macro faute_code_de_commune(column_name, message='') -%}
    {{ compte_si(pas_un_code_de_commune(column_name)) }}
{%- endmacro %}

{% macro faute_bilan(filieres, au_plus, absentes=[], message='') -%}
    {{ compte_si(residu_du_bilan(filieres, absentes) ~ ' > ' ~ borne_du_statut(au_plus)) }}
{%- endmacro %}

{#- As dbt's own test: values, not rows. -#}
{% macro faute_accepted_values(column_name, values, quote=True) -%}
    count(distinct case when {{ column_name }} not in (
        {%- for value in values %}{{ "'" ~ value ~ "'" if quote else value }}{{ ', ' if not loop.last }}{% endfor -%}
    ) then {{ column_name }} end)
{%- endmacro %}
