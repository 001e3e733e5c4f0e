{#- A row is a day with another number of hours than 23, 24 or 25. Whether the portal follows the clock changes will be known
    with the first hourly file. -#}
{{ config(severity='warn') }}

select
    date,
    count(distinct tranche_horaire) as nombre_tranches
from {{ ref('fct_echanges_commerciaux') }}
group by date
having count(distinct tranche_horaire) not between 23 and 25
