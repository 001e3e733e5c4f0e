{#- Residue of the balance of a row (MW): consumption less production, pumping, exchanges and batteries. `absentes`
    are the columns that a territory may not have: null means none there; any other null makes the residue null.

    RTE has counted batteries (charge negative, discharge positive) since it publishes them: of 4,000 quarter-hours
    of February and March 2026, 69 % close within 2 MW with them and 9 % without. Batteries are null before their
    first publication. -#}
{% macro residu_du_bilan(filieres, absentes=[]) -%}
    abs(
        consommation_mw - ech_physiques_mw - pompage_mw
        {%- for filiere in filieres %} - {{ filiere }}_mw{% endfor %}
        {%- for filiere in absentes + ['stockage_batterie', 'destockage_batterie'] %} - {{ zero_si_absente(filiere) }}{% endfor %}
    )
{%- endmacro %}


{#- The bound (MW) of a row: `au_plus` is one number, or one per status. A status that is not listed has the widest. -#}
{% macro borne_du_statut(au_plus) -%}
    {%- if au_plus is mapping -%}
    case statut {% for statut, borne in au_plus.items() %}when '{{ statut }}' then {{ borne }} {% endfor -%}
    else {{ au_plus.values() | max }} end
    {%- else -%} {{ au_plus }} {%- endif -%}
{%- endmacro %}


{#- Fails on each row whose balance is wrong by more than `au_plus` MW. -#}
{% test bilan(model, filieres, au_plus, absentes=[], message='') %}

select
    *,
    {{ residu_du_bilan(filieres, absentes) }} as residu_mw,
    {{ message_du_test(message) }} as message
from {{ model }}
where {{ residu_du_bilan(filieres, absentes) }} > {{ borne_du_statut(au_plus) }}

{% endtest %}


{#- Fails on each month and status of a territory in which half of the balances are wrong by more than `au_plus` MW.
    Fewer than 48 rows, a day of half-hours, prove nothing about a month: its first quarter-hour may be misprinted. -#}
{% test bilan_du_mois(model, filieres, au_plus, absentes=[], territoire=[], message='') %}
{%- set groupe = (['mois', 'statut'] + territoire) | join(', ') %}

select
    {{ groupe }},
    median({{ residu_du_bilan(filieres, absentes) }}) as residu_median_mw,
    {{ message_du_test(message) }} as message
from {{ model }}
group by {{ groupe }}
having
    count({{ residu_du_bilan(filieres, absentes) }}) >= 48
    and median({{ residu_du_bilan(filieres, absentes) }}) > {{ borne_du_statut(au_plus) }}

{% endtest %}
