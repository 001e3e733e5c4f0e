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


{#- The years of these months, as text. A model whose rows look at their whole year, or sum it, renews whole years. -#}
{% macro annees_a_refaire() -%}
    {%- set annees = [] -%}
    {%- for m in mois_a_refaire() if m[:4] not in annees -%} {%- do annees.append(m[:4]) -%} {%- endfor -%}
    {{ return(annees) }}
{%- endmacro %}


{#- SQL condition that keeps the days of the months to rebuild; always true on a full build. Ranges, which DuckDB
    compares with the bounds of each row group: a function of the column would be computed for every row. -#}
{% macro jour_dans_la_fenetre(jour='date') -%}
    {%- set mois = mois_a_refaire() -%}
    {%- if is_incremental() and mois -%}
        (
            {%- for m in mois %}
            {{ jour }} >= {{ premier_jour_du_mois(m) }}
            and {{ jour }} < {{ premier_jour_du_mois(mois_suivant(m)) }}{{ ' or' if not loop.last }}
            {%- endfor %}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#- SQL condition that keeps the days of the years to rebuild; always true on a full build. -#}
{% macro jour_dans_les_annees(jour='date') -%}
    {{ return(jour_des_annees_a_refaire(jour) if is_incremental() and mois_a_refaire() else 'true') }}
{%- endmacro %}


{#- The same where `is_incremental` is not known, as in a check. -#}
{% macro jour_des_annees_a_refaire(jour) -%}
        (
            {%- for annee in annees_a_refaire() %}
            {{ jour }} between cast('{{ annee }}-01-01' as date) and cast('{{ annee }}-12-31' as date)
            {{- ' or' if not loop.last }}
            {%- endfor %}
        )
{%- endmacro %}


{#- SQL condition that keeps the years to rebuild, of a column of years; always true on a full build. -#}
{% macro annee_dans_la_fenetre(annee='annee') -%}
    {%- set annees = annees_a_refaire() -%}
    {%- if is_incremental() and annees -%} {{ annee }} in ({{ annees | join(', ') }}) {%- else -%} true {%- endif -%}
{%- endmacro %}


{#- SQL condition that keeps the periods that share a day with the years to rebuild, and those that slide; always true
    on a full build. -#}
{% macro periode_dans_les_annees(debut='debut', fin='fin', type_periode='type_periode') -%}
    {%- set annees = annees_a_refaire() -%}
    {%- if is_incremental() and annees -%}
        (
            {{ type_periode }} = '30_jours'
            {%- for annee in annees %}
            or {{ debut }} <= cast('{{ annee }}-12-31' as date) and {{ fin }} >= cast('{{ annee }}-01-01' as date)
            {%- endfor %}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#- First day of a month given as text. -#}
{% macro premier_jour_du_mois(mois) -%} cast('{{ mois }}-01' as date) {%- endmacro %}


{#- The month after a month, both as text. -#}
{% macro mois_suivant(mois) -%}
    {%- set annee, rang = mois[:4] | int, mois[5:7] | int -%}
    {{ return('%04d-%02d' | format(annee + 1, 1) if rang == 12 else '%04d-%02d' | format(annee, rang + 1)) }}
{%- endmacro %}


{#- Pre-hook of monthly facts: deletes the months to rebuild, in the transaction that inserts them. Unlike the
    delete+insert strategy, it also removes a month that no longer has any row. -#}
{% macro vider_la_fenetre(et=none) -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ dans_la_fenetre() }} {%- if et %} and {{ et }} {%- endif %}
    {%- endif -%}
{%- endmacro %}


{#- Whether some of these monthly facts may have moved. `DATAELEC_INTACTS` names those that nothing has moved. -#}
{% macro ont_pu_bouger(faits) -%}
    {%- set intacts = env_var('DATAELEC_INTACTS', '').split(',') if execute else [] -%}
    {{ return(faits | reject('in', intacts) | list | length > 0) }}
{%- endmacro %}


{#- SQL condition that keeps the territories to rebuild where France comes from one monthly fact and the regions from
    another; always true on a full build. -#}
{% macro territoires_a_refaire(territoire='territoire') -%}
    {%- set france, regions = ont_pu_bouger(['fct_eco2mix_national']), ont_pu_bouger(['fct_eco2mix_regional']) -%}
    {%- if france == regions or not (is_incremental() and mois_a_refaire()) -%}
        true
    {%- else -%}
        {{ territoire }} {{ '=' if france else '<>' }} 'FR'
    {%- endif -%}
{%- endmacro %}


{#- SQL condition that keeps the months that this build has made, in a check that would find nothing new in the others;
    always true on a full build. -#}
{% macro mois_du_controle(colonne='mois') -%}
    {%- set mois = mois_a_refaire() -%}
    {{ colonne ~ " in ('" ~ mois | join("', '") ~ "')" if mois else 'true' }}
{%- endmacro %}


{#- The same for models that renew something else than months, such as `vider_ou(jour_dans_les_annees('date'))`. -#}
{% macro vider_ou(condition) -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ condition }}
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
