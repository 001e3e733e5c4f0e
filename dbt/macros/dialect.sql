{#- Functions whose name differs between DuckDB and Spark, dispatched; no model names an engine. -#}

{#- Civil time (no zone) in Paris of an instant. -#}
{% macro heure_de_paris(instant) -%}
    {{ return(adapter.dispatch('heure_de_paris')(instant)) }}
{%- endmacro %}
{% macro default__heure_de_paris(instant) -%} timezone('Europe/Paris', {{ instant }}) {%- endmacro %}
{% macro spark__heure_de_paris(instant) -%} from_utc_timestamp({{ instant }}, 'Europe/Paris') {%- endmacro %}


{#- Instant of a civil time (no zone) in Paris. -#}
{% macro instant_de_paris(heure_civile) -%}
    {{ return(adapter.dispatch('instant_de_paris')(heure_civile)) }}
{%- endmacro %}
{% macro default__instant_de_paris(heure_civile) -%} timezone('Europe/Paris', {{ heure_civile }}) {%- endmacro %}
{% macro spark__instant_de_paris(heure_civile) -%} to_utc_timestamp({{ heure_civile }}, 'Europe/Paris') {%- endmacro %}


{#- Month of a date or civil time, as text YYYY-MM: the partition of the lake and of the monthly facts. -#}
{% macro mois_de(jour) -%}
    {{ return(adapter.dispatch('mois_de')(jour)) }}
{%- endmacro %}
{% macro default__mois_de(jour) -%} strftime({{ jour }}, '%Y-%m') {%- endmacro %}
{% macro spark__mois_de(jour) -%} date_format({{ jour }}, 'yyyy-MM') {%- endmacro %}
