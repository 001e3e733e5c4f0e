select
    annee,
    count(consommation_electricite_gwh) as nombre_regions,
    'année sans les treize régions' as message
from {{ ref('fct_consommation_annuelle_regionale') }}
group by annee
having count(consommation_electricite_gwh) <> 13
