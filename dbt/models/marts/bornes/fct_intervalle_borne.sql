{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

with

intervalles as (

    select * from {{ ref('int_borne_intervalles') }}
    where {{ dans_la_fenetre() }}

),

-- A new interval begins where the status or what is known changes, or where a state is missing.
ruptures as (

    select
        *,
        case
            when
                lag(fin) over (partition by mois, id_pdc order by debut) = debut
                and lag(est_connu) over (partition by mois, id_pdc order by debut) = est_connu
                and lag(coalesce(statut, '')) over (partition by mois, id_pdc order by debut) = coalesce(statut, '')
                then 0
            else 1
        end as est_rupture
    from intervalles

),

numerotes as (

    select
        *,
        sum(est_rupture) over (
            partition by mois, id_pdc order by debut rows between unbounded preceding and current row
        ) as numero
    from ruptures

),

final as (

    select
        mois,
        id_pdc,
        min(debut) as debut,
        max(fin) as fin,
        statut,
        sum({{ secondes_entre('debut', 'fin') }}) / 60e0 as duree_min,
        est_connu,
        cast(count(*) as integer) as nombre_releves
    from numerotes
    group by mois, id_pdc, numero, statut, est_connu

)

select * from final
