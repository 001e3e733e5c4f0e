select
    date,
    count(distinct tranche_horaire) as nombre_tranches
from {{ ref('fct_echanges_commerciaux') }}
group by date
having count(distinct tranche_horaire) not between 23 and 25
