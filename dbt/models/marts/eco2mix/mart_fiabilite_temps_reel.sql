with

-- How often each error was made, over all months.
erreurs as (

    select
        code_territoire,
        mesure,
        horizon_h,
        reference,
        erreur_mw,
        sum(nombre_valeurs) as nombre_valeurs,
        sum(nombre_revisees) as nombre_revisees,
        sum(finale_absolue_mw) as finale_absolue_mw
    from {{ ref('int_fiabilite_erreurs') }}
    group by code_territoire, mesure, horizon_h, reference, erreur_mw

),

rangees as (

    select
        *,
        -- Values whose error is not larger: equal ones are counted together.
        sum(nombre_valeurs) over (
            partition by code_territoire, mesure, horizon_h, reference order by abs(erreur_mw)
        ) as nombre_jusqu_ici,
        sum(nombre_valeurs) over (partition by code_territoire, mesure, horizon_h, reference) as nombre_total
    from erreurs

),

final as (

    select
        code_territoire,
        mesure,
        horizon_h,
        reference,
        cast(sum(nombre_valeurs) as bigint) as nombre_valeurs,
        cast(sum(nombre_revisees) as bigint) as nombre_revisees,
        {{ somme_exacte('erreur_mw * nombre_valeurs') }} / sum(nombre_valeurs) as biais_mw,
        {{ somme_exacte('abs(erreur_mw) * nombre_valeurs') }} / sum(nombre_valeurs) as erreur_absolue_moyenne_mw,
        100 * {{ somme_exacte('abs(erreur_mw) * nombre_valeurs') }}
        / nullif(cast(sum(finale_absolue_mw) as double), 0) as erreur_relative_pct,
        min(abs(erreur_mw)) filter (where 100 * nombre_jusqu_ici >= 95 * nombre_total) as erreur_absolue_p95_mw,
        max(abs(erreur_mw)) as erreur_absolue_max_mw
    from rangees
    group by code_territoire, mesure, horizon_h, reference

)

select * from final
