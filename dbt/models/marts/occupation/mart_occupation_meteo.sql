with

final as (

    select
        decoupe,
        classe,
        ordre,
        nombre_jours,
        nombre_heures,
        minutes_observees,
        taux_occupation,
        ic90_bas,
        ic90_haut,
        ic95_bas,
        ic95_haut,
        ecart_ajuste,
        ecart_ajuste_ic95_bas,
        ecart_ajuste_ic95_haut,
        est_fiable,
        motif
    from {{ ref('int_occupation_meteo') }}

)

select * from final
