{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_ou(periode_dans_les_annees()) }}",
    )
}}
with

jours as (

    select * from {{ ref('int_mix_periode_jours') }}
    where {{ periode_dans_les_annees() }}

),

-- A period is complete when it has all its days and each of them is complete.
comptes as (

    select
        maille,
        code_territoire,
        type_periode,
        debut,
        fin,
        cast(count(*) as integer) as nombre_jours,
        cast(min(jours_attendus) as integer) as jours_attendus,
        cast(count(*) filter (where est_complet) as integer) as jours_presents,
        count(*) filter (where est_complet) = min(jours_attendus) as est_complete
    from jours
    group by maille, code_territoire, type_periode, debut, fin

),

energies as (

    select
        jours.maille,
        jours.code_territoire,
        jours.type_periode,
        jours.annee_saison,
        jours.saison,
        jours.debut,
        jours.fin,
        mix.filiere,
        {{ somme_exacte('mix.energie_mwh') }} as energie_mwh
    from jours
    inner join {{ ref('mart_mix_jour') }} as mix
        on jours.code_territoire = mix.code_territoire and jours.date = mix.date
    group by
        jours.maille,
        jours.code_territoire,
        jours.type_periode,
        jours.annee_saison,
        jours.saison,
        jours.debut,
        jours.fin,
        mix.filiere

),

final as (

    select
        energies.*,
        comptes.nombre_jours,
        comptes.jours_attendus,
        comptes.jours_presents,
        comptes.est_complete
    from energies
    inner join comptes
        on
            energies.code_territoire = comptes.code_territoire
            and energies.type_periode = comptes.type_periode
            and energies.debut = comptes.debut

)

select * from final
