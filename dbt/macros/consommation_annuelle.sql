{#- Yearly consumption of Agence ORE: what its shapes have in common. -#}

{#- A zero is null while cells of it are secret: it was withheld. So is its number of delivery points. -#}
{% macro sauf_secret(valeur, energie, mailles) -%}
    case when {{ mailles }} > 0 and {{ energie }} = 0 and {{ valeur }} = 0 then null else {{ valeur }} end
{%- endmacro %}


{#- The commune of an arrondissement of Paris, Lyon or Marseille; any other code is returned as it is. -#}
{% macro commune_de_l_arrondissement(code_commune) -%}
    case
        when {{ code_commune }} between '75101' and '75120' then '75056'
        when {{ code_commune }} between '69381' and '69389' then '69123'
        when {{ code_commune }} between '13201' and '13216' then '13055'
        else {{ code_commune }}
    end
{%- endmacro %}


{#- Number of days in a year. -#}
{% macro jours_de_l_annee(annee) -%}
    case when {{ annee }} % 4 = 0 and ({{ annee }} % 100 <> 0 or {{ annee }} % 400 = 0) then 366 else 365 end
{%- endmacro %}


{#- Aggregate: energy (TWh) of readings of power (MW) held for `pas_minutes`. Exact, so that the order of the rows does not
    matter. -#}
{% macro energie_exacte_twh(puissance_mw) -%}
    cast(sum(cast(({{ puissance_mw }}) * pas_minutes / 60e0 as decimal(18, 3))) as double) / 1e6
{%- endmacro %}
