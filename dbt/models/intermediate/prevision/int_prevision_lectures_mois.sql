{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
        post_hook="delete from {{ this }} where mois < (select min(mois) from {{ ref('int_prevision_lectures') }})",
    )
}}
with

final as (

    select
        mois,
        maille,
        code_territoire,
        count(consommation_mw) as nombre_lectures,
        min(case when consommation_mw is not null then date end) as premier_jour,
        max(case when consommation_mw is not null then date end) as dernier_jour,
        {{ empreinte_des_lignes(['date', 'heure_locale', 'consommation_mw', 'prevision_j1_mw']) }} as empreinte
    from {{ ref('int_prevision_lectures') }}
    where {{ dans_la_fenetre('mois') }}
    group by mois, maille, code_territoire

)

select * from final
