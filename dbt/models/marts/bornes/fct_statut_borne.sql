{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

with

etats as (

    select *
    from
        {{
            ref(
                'stg_paris__belib_points_de_recharge_pour_vehicules_electriques_disponibilite_temps_reel'
            )
        }}
    where {{ dans_la_fenetre() }}

),

fiches as (

    select
        id_pdc,
        id_station,
        code_arrondissement
    from
        {{
            ref(
                'stg_paris__belib_points_de_recharge_pour_vehicules_electriques_donnees_statiques'
            )
        }}
    where id_pdc is not null
    qualify row_number() over (partition by id_pdc order by date_maj desc nulls last, id_station asc) = 1

),

-- A state may hold a point twice: the latest change of status is taken, as nothing else shows which row is right.
uniques as (

    select *
    from etats
    qualify
        row_number() over (
            partition by mois, releve_a, id_pdc order by depuis desc nulls last, statut_publie asc
        ) = 1

),

traduits as (

    select
        uniques.*,
        statuts_borne.statut is not null as est_statut_reconnu,
        coalesce(statuts_borne.statut, 'inconnu') as statut
    from uniques
    left join {{ ref('statuts_borne') }} on uniques.statut_publie = statuts_borne.statut_publie

),

final as (

    select
        traduits.mois,
        traduits.id_pdc,
        traduits.releve_a,
        traduits.statut,
        traduits.statut_publie,
        traduits.est_statut_reconnu,
        traduits.depuis,
        {{ est_statut_fige('traduits.statut', 'traduits.depuis', 'traduits.releve_a') }} as est_fige,
        coalesce(
            fiches.id_station, {{ identifiant_de_borne(station_du_point('traduits.id_pdc_local')) }}
        ) as id_station,
        coalesce(fiches.code_arrondissement, traduits.code_arrondissement) as code_arrondissement
    from traduits
    left join fiches on traduits.id_pdc = fiches.id_pdc

)

select * from final
