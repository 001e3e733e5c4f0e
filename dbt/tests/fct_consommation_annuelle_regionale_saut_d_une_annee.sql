with

suites as (

    select
        code_region,
        annee,
        consommation_electricite_gwh,
        lag(consommation_electricite_gwh) over (partition by code_region order by annee) as avant_gwh
    from {{ ref('fct_consommation_annuelle_regionale') }}

)

select
    *,
    'électricité à plus de 30 % de l''année d''avant' as message
from suites
where abs(consommation_electricite_gwh - avant_gwh) > 0.3 * least(consommation_electricite_gwh, avant_gwh)
