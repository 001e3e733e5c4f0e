{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

with

revisions as (

    select * from {{ source('lac', 'revisions') }}
    where {{ dans_la_fenetre('mois') }}

),

final as (

    select
        mois,
        jeu_de_donnees,
        code_territoire,
        date_locale,
        heure_locale,
        instant_utc,
        precision_cle,
        mesure,
        valeur_avant,
        valeur_apres,
        valeur_apres - valeur_avant as ecart,
        statut_avant,
        statut_apres,
        delai_h,
        version_avant,
        version_apres,
        connue_a
    from revisions

)

select * from final
