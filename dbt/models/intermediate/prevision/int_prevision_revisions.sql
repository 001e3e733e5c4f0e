with

final as (

    select
        case when code_territoire = 'FR' then 'nation' else 'region' end as maille,
        code_territoire,
        date_locale as date,
        heure_locale,
        valeur_avant as consommation_mw,
        connue_a
    from {{ ref('fct_revisions') }}
    where
        jeu_de_donnees in ('consommation-quotidienne-brute', 'consommation-quotidienne-brute-regionale')
        and mesure = 'consommation_brute_electricite_rte'
        and substr(heure_locale, 4, 2) in ('00', '30')

)

select * from final
