{#- School year of a day, as text 2015-2016: from 1 September to 31 August. -#}
{% macro annee_scolaire(jour) -%}
    {%- set debut -%}
        cast(extract(year from {{ jour }}) - case when extract(month from {{ jour }}) < 9 then 1 else 0 end as integer)
    {%- endset -%}
    cast({{ debut }} as string) || '-' || cast({{ debut }} + 1 as string)
{%- endmacro %}


{#- Name of a holiday, as the package writes it, from the publisher's: « Début des Vacances d'Été » is the summer. -#}
{% macro nom_vacances(description) -%}
    {%- set nom = namespace(sql=description) -%}
    {%- for publie, retenu in [
        ('Début des Vacances', 'Vacances'),
        ("d''Été", "d''été"),
        ("d''Hiver", "d''hiver"),
        ('de Printemps', 'de printemps'),
    ] -%}
        {%- set nom.sql = "replace(" ~ nom.sql ~ ", '" ~ publie ~ "', '" ~ retenu ~ "')" -%}
    {%- endfor -%}
    {{ nom.sql }}
{%- endmacro %}


{#- Whether the calendar has all days of a season: it cuts its first winter, which lacks December, and its last one. -#}
{% macro saison_entiere(saison, annee_saison, premiere, derniere) -%}
    ({{ saison }} <> 'hiver' or {{ annee_saison }} between {{ premiere }} + 1 and {{ derniere }})
{%- endmacro %}
