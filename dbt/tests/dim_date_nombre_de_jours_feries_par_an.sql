select
    annee,
    count(case when est_ferie then 1 end) as nombre_feries,
    count(case when est_ferie_alsace_moselle then 1 end) as nombre_feries_alsace_moselle
from {{ ref('dim_date') }}
group by annee
having
    count(case when est_ferie then 1 end) <> case when annee between 2005 and 2008 then 10 else 11 end
    or count(case when est_ferie_alsace_moselle then 1 end) <> count(case when est_ferie then 1 end) + 2
