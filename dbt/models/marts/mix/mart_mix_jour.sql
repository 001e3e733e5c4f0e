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
    where filieres.est_production

),

{{ parts_de_production('energies', ['maille', 'code_territoire', 'date']) }}

select * from final
