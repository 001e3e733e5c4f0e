select
    communes.code_commune,
    communes.code_departement,
    communes.code_region,
    departements.code_region as region_du_departement
from {{ ref('dim_commune') }} as communes
inner join {{ ref('dim_departement') }} as departements on communes.code_departement = departements.code_departement
where communes.est_active and communes.code_region <> departements.code_region
