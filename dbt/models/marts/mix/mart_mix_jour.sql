{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_ou(jour_dans_les_annees('date')) }}",
    )
}}
with

energies as (

    select
        mix.maille,
        mix.code_territoire,
        mix.date,
        mix.filiere,
        mix.energie_mwh
    from {{ ref('int_mix_jour') }} as mix
    inner join {{ ref('dim_filiere') }} as filieres on mix.filiere = filieres.filiere
    where filieres.est_production and {{ jour_dans_les_annees('mix.date') }}

),

positives as (

    select
        *,
        {{ energie_positive() }} as positive_mwh,
        sum(cast({{ energie_positive() }} as decimal(38, 6)))
            over (partition by maille, code_territoire, date) as total_mwh
    from energies

),

-- Shares of the positive energies only: auxiliaries make some energies slightly negative, and such a filière has a
-- share of zero rather than a negative one, so that the shares add up to 100 %. Null where nothing was produced.
final as (

    select
        maille,
        code_territoire,
        date,
        filiere,
        energie_mwh,
        100 * positive_mwh / nullif(cast(total_mwh as double), 0) as part_pct
    from positives

)

select * from final
