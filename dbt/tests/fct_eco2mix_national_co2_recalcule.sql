select
    *,
    'taux de CO2 à plus de 1 g/kWh de ses facteurs' as message
from {{ ref('int_co2_recalcule') }}
where est_verifie and abs(taux_co2_recalcule_g_par_kwh - taux_co2_g_par_kwh) > 1
