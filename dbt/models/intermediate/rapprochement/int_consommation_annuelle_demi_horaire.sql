with

lectures as (

    select
        'FR' as territoire,
        cast(null as string) as code_region,
        cast(extract(year from date_locale) as integer) as annee,
        energie_electricite_mwh
    from {{ ref('fct_consommation_nationale') }}
    union all
    select
        code_region as territoire,
        code_region,
        cast(extract(year from date_locale) as integer) as annee,
        energie_electricite_mwh
    from {{ ref('fct_consommation_regionale') }}

),

sommes as (

    select
        territoire,
        code_region,
        annee,
        -- Exact, so that the order of the rows does not matter.
        cast(sum(cast(energie_electricite_mwh as decimal(18, 3))) as double) / 1000 as energie_gwh,
        count(energie_electricite_mwh) as nombre_demi_heures,
        -- The two clock changes cancel out.
        48 * {{ jours_de_l_annee('annee') }} as nombre_demi_heures_theoriques
    from lectures
    group by territoire, code_region, annee

),

final as (

    select
        territoire,
        code_region,
        annee,
        energie_gwh,
        nombre_demi_heures * 1e0 / nombre_demi_heures_theoriques as part_demi_heures,
        -- One hour in 8,760 is never published, the repeated one of autumn; a missing day is 0.3 %.
        nombre_demi_heures >= 0.999 * nombre_demi_heures_theoriques as est_annee_complete
    from sommes

)

select * from final
