with

energies as (

    select * from {{ ref('int_mix_periode') }}
    where type_periode = 'saison'

),

positives as (

    select
        *,
        {{ energie_positive() }} as positive_mwh,
        sum(cast({{ energie_positive() }} as decimal(38, 6)))
            over (partition by maille, code_territoire, annee_saison, saison) as total_mwh
    from energies

),

-- As in mart_mix_jour, where the reasons are given.
final as (

    select
        maille,
        code_territoire,
        annee_saison,
        saison,
        debut,
        fin,
        filiere,
        energie_mwh,
        100 * positive_mwh / nullif(cast(total_mwh as double), 0) as part_pct,
        nombre_jours,
        jours_attendus,
        jours_presents,
        est_complete
    from positives

)

select * from final
