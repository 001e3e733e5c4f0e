{#- éCO2mix: expressions that the national and the regional models share. -#}

{#- Select list of an intermediate model: which half-hour a label belongs to, and whether it has a reading.
    Forecasts are not readings: they also fill labels in the future. -#}
{% macro eco2mix_demi_heure(lectures) -%}
        substr(heure_locale, 1, 3) || case when substr(heure_locale, 4, 2) < '30' then '00' else '30' end
            as demi_heure_locale,
        coalesce({{ lectures | join(', ') }}) is not null as a_une_lecture
{%- endmacro %}


{#- Aggregate: step of the exchanges over a day of one status (minutes), from the labels at which they were read.

    It may differ from the step of consumption: in real time, which is quarter-hourly, commercial exchanges were
    half-hourly in 2016, 2017 and 2021 and have been quarter-hourly since 2025 at the latest. A single reading has
    no step. -#}
{% macro pas_observe_minutes(mesure) -%}
    case
        when count({{ mesure }}) < 2 then null
        when count(case when substr(heure_locale, 4, 2) in ('15', '45') then {{ mesure }} end) > 0 then 15
        when count(case when substr(heure_locale, 4, 2) = '30' then {{ mesure }} end) > 0 then 30
        else 60
    end
{%- endmacro %}


{#- Order of rows: largest values first, column by column. Only there to make the choice stable. -#}
{% macro les_plus_grandes(colonnes) -%}
    {%- for colonne in colonnes -%} {{ colonne }} desc nulls last{{ ', ' if not loop.last }} {%- endfor -%}
{%- endmacro %}
