{#- Personal data that a publisher may have typed into a column about something else. -#}

{#- A text, or '[masqué]' when it holds an e-mail address or a telephone number: for names, addresses and other free
    text of a publisher. The patterns are those with which dataelec_assets/privacy/personal.py refuses a
    publication. -#}
{% macro sans_coordonnees(texte) -%}
    {%- set courriel = '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*\\.[A-Za-z]{2,}' -%}
    {%- set telephone -%}
    (^|[^0-9A-Za-z.,]|(^|[^0-9])[.,])(\+[1-9]([ .()-]{0,2}[0-9]){7,14}|(0033 ?|0)[1-9]([ .-]?[0-9]{2}){4})($|[^0-9A-Za-z])
    {%- endset -%}
    case when {{ correspond_a(texte, courriel ~ '|' ~ telephone) }} then '[masqué]' else {{ texte }} end
{%- endmacro %}
