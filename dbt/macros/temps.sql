{#- Civil time, clock changes and the step of a series. Portable: what depends on the engine is in dialect.sql. -#}

{#- Civil time (no zone) of a printed label: `heure_locale` is text HH:MM. -#}
{% macro heure_civile(date_locale, heure_locale) -%}
    cast(cast({{ date_locale }} as string) || ' ' || {{ heure_locale }} || ':00' as timestamp)
{%- endmacro %}


{#- True for a label that no clock in Paris shows: 02:00 to 02:45 on the last Sunday of March, which RTE prints all
    the same. Converted to an instant and back, such a civil time comes out one hour later. -#}
{% macro est_heure_fictive(date_locale, heure_locale) -%}
    {%- set civile = heure_civile(date_locale, heure_locale) -%}
    ({{ heure_de_paris(instant_de_paris(civile)) }} <> {{ civile }})
{%- endmacro %}


{#- Aggregate: step in hours of a series of readings: that of the data set (`pas_du_jeu`), or a finer one (0.5,
    0.25) if the labels show one. Never a longer one: a month in which only 13:00 is published is still half-hourly.

    Group by territory and month, so that neither an outage of a few hours nor another month changes the step. A
    minute of the hour (:00, :15, :30, :45) counts when it has at least half as many readings as the fullest one:
    gas is read at :00, and a stray value at :30 does not make it half-hourly. Fictitious labels do not count. Null
    when nothing was read, or when the readings lie on three minutes: no energy is better than a wrong one. -#}
{% macro pas_observe_heures(mesure, pas_du_jeu, heure_locale='heure_locale', fictive='est_heure_fictive') -%}
    {%- set lectures = [] -%}
    {%- for minute in ['00', '15', '30', '45'] -%}
        {%- do lectures.append(
            "count(" ~ mesure ~ ") filter (where " ~ heure_locale ~ " like '%:" ~ minute ~ "' and not " ~ fictive ~ ")"
        ) -%}
    {%- endfor -%}
    case (
        {%- for lecture in lectures %}
        case when {{ lecture }} > 0 and 2 * {{ lecture }} >= greatest({{ lectures | join(', ') }}) then 1 else 0 end
        {{- ' +' if not loop.last }}
        {%- endfor %}
    )
        when 1 then {{ pas_du_jeu }}
        when 2 then 0.5
        when 4 then 0.25
    end
{%- endmacro %}


{#- Energy (MWh) of one reading of power (MW) held for one step (h); null for a fictitious label and for a missing
    reading. -#}
{% macro energie_mwh(puissance_mw, pas_heures, fictive='est_heure_fictive') -%}
    case when not {{ fictive }} then {{ puissance_mw }} * {{ pas_heures }} end
{%- endmacro %}
