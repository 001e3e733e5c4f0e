{{ config(materialized='table') }}
with

jours as (

    select
        maille,
        code_territoire,
        {{ mois_de('date') }} as mois,
        {{
            empreinte_des_lignes([
                'date', 'jour_de_semaine', 'type_jour', 'saison', 'est_ferie', 'est_pont', 'part_vacances_scolaires',
                'temperature_min_c', 'temperature_moyenne_c', 'temperature_max_c',
            ])
        }} as empreinte
    from {{ ref('int_prevision_jours') }}
    group by maille, code_territoire, {{ mois_de('date') }}

),

revisions as (

    select
        maille,
        code_territoire,
        {{ mois_de('date') }} as mois,
        {{ empreinte_des_lignes(['date', 'heure_locale', 'consommation_mw', 'connue_a']) }} as empreinte
    from {{ ref('int_prevision_revisions') }}
    group by maille, code_territoire, {{ mois_de('date') }}

),

meteo as (

    select
        code_territoire,
        {{ mois_de('emission') }} as mois,
        {{
            empreinte_des_lignes(
                ['emission', 'date', 'temperature_min_c', 'temperature_moyenne_c', 'temperature_max_c']
            )
        }} as empreinte
    from {{ ref('int_prevision_meteo') }}
    group by code_territoire, {{ mois_de('emission') }}

),

final as (

    select
        jours.maille,
        jours.code_territoire,
        jours.mois,
        coalesce(lectures.nombre_lectures, 0) as nombre_lectures,
        coalesce(lectures.empreinte, '')
        || ' ' || jours.empreinte
        || ' ' || coalesce(revisions.empreinte, '')
        || ' ' || coalesce(meteo.empreinte, '') as empreinte
    from jours
    left join {{ ref('int_prevision_lectures_mois') }} as lectures
        on
            jours.maille = lectures.maille
            and jours.code_territoire = lectures.code_territoire
            and jours.mois = lectures.mois
    left join revisions
        on
            jours.maille = revisions.maille
            and jours.code_territoire = revisions.code_territoire
            and jours.mois = revisions.mois
    left join meteo on jours.code_territoire = meteo.code_territoire and jours.mois = meteo.mois

)

select * from final
