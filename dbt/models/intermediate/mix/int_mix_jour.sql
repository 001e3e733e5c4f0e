{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_ou(jour_dans_les_annees('date') ~ ' and ' ~ territoires_a_refaire('code_territoire')) }}",
    )
}}
with

lectures as (

    select
        fct.territoire,
        fct.date_locale as date,
        fct.filiere,
        fct.energie_mwh
    from {{ ref('fct_production_filiere') }} as fct
    inner join {{ ref('dim_filiere') }} as filieres on fct.filiere = filieres.filiere
    where
        (filieres.est_production or filieres.filiere = 'pompage')
        and {{ jour_dans_les_annees('fct.date_locale') }}
        and {{ territoires_a_refaire('fct.territoire') }}

),

-- In decimals: their sum does not depend on the order, so millions of readings need not be sorted for it.
jours as (

    select
        territoire,
        date,
        filiere,
        cast(sum(cast(energie_mwh as decimal(18, 6))) as double) as energie_mwh,
        cast(count(energie_mwh) as integer) as nombre_lectures
    from lectures
    group by territoire, date, filiere

),

-- Whole years are renewed for this. A region without a nuclear plant never has a reading of it: nothing is missing
-- there.
attendues as (

    select
        territoire,
        year(date) as annee,
        filiere
    from jours
    where energie_mwh is not null
    group by territoire, year(date), filiere

),

final as (

    select
        case when jours.territoire = 'FR' then 'nation' else 'region' end as maille,
        jours.territoire as code_territoire,
        jours.date,
        jours.filiere,
        jours.energie_mwh,
        jours.nombre_lectures
    from jours
    inner join attendues
        on
            jours.territoire = attendues.territoire
            and year(jours.date) = attendues.annee
            and jours.filiere = attendues.filiere

)

select * from final
