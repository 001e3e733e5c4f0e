with

-- Only years whose days are all complete.
bilans as (

    select
        maille,
        code_territoire,
        cast(extract(year from debut) as integer) as annee,
        part_bas_carbone_pct,
        part_renouvelable_pct,
        taux_couverture_pct,
        -- The rate of a part of the year is not the rate of the year; 1 % allows for a few days without a rate.
        case when couverture_co2_pct >= 99 then taux_co2_g_par_kwh end as taux_co2_g_par_kwh
    from {{ ref('mart_mix_bilan_periode') }}
    where type_periode = 'annee' and est_complete

),

final as (

    {% for mesure in ['part_bas_carbone_pct', 'part_renouvelable_pct', 'taux_couverture_pct', 'taux_co2_g_par_kwh'] -%}
    select
        '{{ mesure }}' as mesure,
        maille,
        code_territoire,
        annee,
        {{ mesure }} as valeur
    from bilans
    where {{ mesure }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
