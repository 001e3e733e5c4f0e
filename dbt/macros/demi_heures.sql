{#- Half-hours by their printed label: their rank in the month, and the order of the readings of one label. -#}

{#- `a.x = b.x and a.y = b.y` for these columns. -#}
{% macro egales(a, b, colonnes) -%}
    {%- for colonne in colonnes -%}
        {{ a }}.{{ colonne }} = {{ b }}.{{ colonne }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- Rank of a half-hour in its month, by its printed label: 0 is 00:00 on the first. 48 a day, clock changes or not. -#}
{% macro rang_demi_heure(date_locale, heure_locale) -%}
    (
        48 * (cast(extract(day from {{ date_locale }}) as integer) - 1)
        + 2 * cast(substr({{ heure_locale }}, 1, 2) as integer)
        + case when substr({{ heure_locale }}, 4, 2) = '30' then 1 else 0 end
    )
{%- endmacro %}


{#- Day of a half-hour of that rank. -#}
{% macro jour_du_rang(mois, rang) -%}
    {{ jour_plus("cast(" ~ mois ~ " || '-01' as date)", "floor(" ~ rang ~ " / 48)") }}
{%- endmacro %}


{#- Label HH:MM of a half-hour of that rank. -#}
{% macro heure_du_rang(rang) -%}
    lpad(cast(cast(floor(({{ rang }} % 48) / 2) as integer) as string), 2, '0')
    || case when {{ rang }} % 2 = 1 then ':30' else ':00' end
{%- endmacro %}


{#- Order of the readings of one label: stable, nothing more. The latest instant comes first, then the largest values. -#}
{% macro ordre_des_lectures() -%}
    instant_utc desc,
    consommation_electricite_mw desc nulls last,
    consommation_gaz_mw desc nulls last,
    consommation_gaz_natran_mw desc nulls last,
    consommation_gaz_terega_mw desc nulls last,
    statut_electricite_publie nulls last,
    statut_gaz_natran_publie nulls last,
    statut_gaz_terega_publie nulls last
{%- endmacro %}
