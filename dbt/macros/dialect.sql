{#- Functions whose names differ between DuckDB and Spark. Models call these and never name an engine. -#}

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


{#- ISO day of the week of a date: 1 is Monday, 7 is Sunday (the engines' own numbering of days differs). -#}
{% macro jour_iso(jour) -%}
    {{ return(adapter.dispatch('jour_iso')(jour)) }}
{%- endmacro %}
{% macro default__jour_iso(jour) -%} isodow({{ jour }}) {%- endmacro %}
{% macro spark__jour_iso(jour) -%} (weekday({{ jour }}) + 1) {%- endmacro %}


{#- The date that lies `nombre` days after a date. -#}
{% macro jour_plus(jour, nombre) -%}
    {{ return(adapter.dispatch('jour_plus')(jour, nombre)) }}
{%- endmacro %}
{% macro default__jour_plus(jour, nombre) -%} ({{ jour }} + cast({{ nombre }} as integer)) {%- endmacro %}
{% macro spark__jour_plus(jour, nombre) -%} date_add({{ jour }}, cast({{ nombre }} as integer)) {%- endmacro %}


{#- Hours that begin after an instant and until another: one from 10:59 to 11:01. -#}
{% macro heures_entre(debut, fin) -%}
    {{ return(adapter.dispatch('heures_entre')(debut, fin)) }}
{%- endmacro %}
{% macro default__heures_entre(debut, fin) -%} date_diff('hour', {{ debut }}, {{ fin }}) {%- endmacro %}
{% macro spark__heures_entre(debut, fin) -%}
    timestampdiff(hour, date_trunc('hour', {{ debut }}), date_trunc('hour', {{ fin }}))
{%- endmacro %}


{#- Whether a text matches a regular expression (POSIX, anchored by itself). -#}
{% macro correspond_a(texte, motif) -%}
    {{ return(adapter.dispatch('correspond_a')(texte, motif)) }}
{%- endmacro %}
{% macro default__correspond_a(texte, motif) -%} regexp_matches({{ texte }}, '{{ motif }}') {%- endmacro %}
{% macro spark__correspond_a(texte, motif) -%} ({{ texte }} rlike '{{ motif_de_java(motif) }}') {%- endmacro %}


{#- Aggregate: the values of a text column in alphabetical order, separated by commas. -#}
{% macro liste_en_texte(texte) -%}
    {{ return(adapter.dispatch('liste_en_texte')(texte)) }}
{%- endmacro %}
{% macro default__liste_en_texte(texte) -%} string_agg({{ texte }}, ', ' order by {{ texte }}) {%- endmacro %}
{% macro spark__liste_en_texte(texte) -%} listagg({{ texte }}, ', ') within group (order by {{ texte }}) {%- endmacro %}


{#- A text without its accents. -#}
{% macro sans_accents(texte) -%}
    {{ return(adapter.dispatch('sans_accents')(texte)) }}
{%- endmacro %}
{% macro default__sans_accents(texte) -%} strip_accents({{ texte }}) {%- endmacro %}
{% macro spark__sans_accents(texte) -%}
    translate({{ texte }}, 'àâäçéèêëîïôöùûüÿÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸ', 'aaaceeeeiioouuuyAAACEEEEIIOOUUUY')
{%- endmacro %}


{#- A text with every match of a regular expression replaced. -#}
{% macro remplacer(texte, motif, remplacement) -%}
    {{ return(adapter.dispatch('remplacer')(texte, motif, remplacement)) }}
{%- endmacro %}
{% macro default__remplacer(texte, motif, remplacement) -%}
    regexp_replace({{ texte }}, '{{ motif }}', '{{ remplacement }}', 'g')
{%- endmacro %}
{% macro spark__remplacer(texte, motif, remplacement) -%}
    regexp_replace({{ texte }}, '{{ motif_de_java(motif) }}', '{{ remplacement }}')
{%- endmacro %}


{#- Seconds that begin after an instant and until another. -#}
{% macro secondes_entre(debut, fin) -%}
    {{ return(adapter.dispatch('secondes_entre')(debut, fin)) }}
{%- endmacro %}
{% macro default__secondes_entre(debut, fin) -%} date_diff('second', {{ debut }}, {{ fin }}) {%- endmacro %}
{% macro spark__secondes_entre(debut, fin) -%}
    timestampdiff(second, date_trunc('second', {{ debut }}), date_trunc('second', {{ fin }}))
{%- endmacro %}


{#- Aggregate: a digest of rows in any order, as text. Only digests of the same engine can be compared. -#}
{% macro empreinte_des_lignes(colonnes) -%}
    {{ return(adapter.dispatch('empreinte_des_lignes')(colonnes)) }}
{%- endmacro %}
{% macro default__empreinte_des_lignes(colonnes) -%}
    cast(sum(cast(hash({{ colonnes | join(', ') }}) as hugeint)) as string)
{%- endmacro %}
{% macro spark__empreinte_des_lignes(colonnes) -%}
    {#- `xxhash64` skips nulls: a null would be equal to nothing. -#}
    cast(sum(cast(xxhash64(
        {%- for colonne in colonnes -%}
        coalesce(cast({{ colonne }} as string), 'null'){{ ', ' if not loop.last }}
        {%- endfor -%}
    ) as decimal(38, 0))) as string)
{%- endmacro %}


{#- Aggregate: a sum of doubles that does not depend on the order in which rows come: they are added by size, or by
    `ordre`. `si` keeps the rows that count. Null when no value counts. -#}
{% macro somme(valeur, ordre=none, si=none) -%}
    {{ return(adapter.dispatch('somme')(valeur, ordre, si)) }}
{%- endmacro %}
{% macro default__somme(valeur, ordre, si) -%}
    sum({{ valeur }} order by {{ ordre or valeur }}){% if si %} filter (where {{ si }}){% endif %}
{%- endmacro %}
{% macro spark__somme(valeur, ordre, si) -%}
    {%- set filtre = ' filter (where ' ~ si ~ ')' if si else '' -%}
    {%- if ordre -%}
    aggregate(
        array_sort(collect_list(case when {{ valeur }} is not null
            then named_struct('ordre', {{ ordre }}, 'valeur', cast({{ valeur }} as double)) end){{ filtre }}),
        cast(null as double), (total, terme) -> coalesce(total + terme.valeur, terme.valeur)
    )
    {%- else -%}
    aggregate(
        array_sort(collect_list(cast({{ valeur }} as double)){{ filtre }}),
        cast(null as double), (total, terme) -> coalesce(total + terme, terme)
    )
    {%- endif -%}
{%- endmacro %}


{#- A regular expression as Java reads it: a literal of Spark loses each backslash that is not doubled, `$` would let a
    newline follow, and `.` would stop at more than a newline. -#}
{% macro motif_de_java(motif) -%}
    {{ return('(?d)' ~ (motif | replace('$', '\\z') | replace('\\', '\\\\'))) }}
{%- endmacro %}


{#- What the n-th group of a regular expression matches in a text; empty where nothing matches. -#}
{% macro extrait(texte, motif, groupe) -%}
    {{ return(adapter.dispatch('extrait')(texte, motif, groupe)) }}
{%- endmacro %}
{% macro default__extrait(texte, motif, groupe) -%} regexp_extract({{ texte }}, '{{ motif }}', {{ groupe }}) {%- endmacro %}
{% macro spark__extrait(texte, motif, groupe) -%}
    regexp_extract({{ texte }}, '{{ motif_de_java(motif) }}', {{ groupe }})
{%- endmacro %}


{#- The type of an instant. -#}
{% macro type_instant() -%} {{ return(adapter.dispatch('type_instant')()) }} {%- endmacro %}
{% macro default__type_instant() -%} timestamp with time zone {%- endmacro %}
{% macro spark__type_instant() -%} timestamp {%- endmacro %}


{#- A text as an SQL literal. -#}
{% macro litteral(texte) -%} {{ return(adapter.dispatch('litteral')(texte | string)) }} {%- endmacro %}
{% macro default__litteral(texte) -%} {{ return("'" ~ texte | replace("'", "''") ~ "'") }} {%- endmacro %}
{% macro spark__litteral(texte) -%}
    {#- A backslash escapes what follows it. -#}
    {{ return("'" ~ texte | replace('\\', '\\\\') | replace("'", "''") ~ "'") }}
{%- endmacro %}
