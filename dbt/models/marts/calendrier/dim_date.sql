with

types_de_jour as (

    select * from {{ ref('int_calendrier_types_de_jour') }}

),

vacances as (

    select
        date,
        bool_or(case when zone_scolaire = 'A' then est_vacances end) as est_vacances_zone_a,
        max(case when zone_scolaire = 'A' then nom_vacances end) as nom_vacances_zone_a,
        bool_or(case when zone_scolaire = 'B' then est_vacances end) as est_vacances_zone_b,
        max(case when zone_scolaire = 'B' then nom_vacances end) as nom_vacances_zone_b,
        bool_or(case when zone_scolaire = 'C' then est_vacances end) as est_vacances_zone_c,
        max(case when zone_scolaire = 'C' then nom_vacances end) as nom_vacances_zone_c,
        bool_or(case when zone_scolaire = 'Corse' then est_vacances end) as est_vacances_corse,
        max(case when zone_scolaire = 'Corse' then nom_vacances end) as nom_vacances_corse
    from {{ ref('int_calendrier_vacances_par_jour') }}
    group by date

),

durees as (

    select
        *,
        cast({{
            heures_entre(
                instant_de_paris('cast(date as timestamp)'),
                instant_de_paris('cast(' ~ jour_plus('date', 1) ~ ' as timestamp)'),
            )
        }} as integer) as nombre_heures
    from types_de_jour

),

final as (

    select
        durees.date,
        cast(extract(year from durees.date) as integer) as annee,
        cast(extract(quarter from durees.date) as integer) as trimestre,
        cast(extract(month from durees.date) as integer) as mois_de_annee,
        {{ mois_de('durees.date') }} as mois,
        cast(extract(day from durees.date) as integer) as jour_du_mois,
        durees.jour_de_semaine,
        -- An ISO week belongs to the year of its Thursday.
        cast(extract(year from {{ jour_plus('durees.date', '4 - durees.jour_de_semaine') }}) as integer) as annee_iso,
        cast(extract(week from durees.date) as integer) as semaine_iso,
        durees.jour_de_semaine >= 6 as est_week_end,
        case
            when extract(month from durees.date) in (12, 1, 2) then 'hiver'
            when extract(month from durees.date) in (3, 4, 5) then 'printemps'
            when extract(month from durees.date) in (6, 7, 8) then 'été'
            else 'automne'
        end as saison,
        durees.nombre_heures,
        2 * durees.nombre_heures as demi_heures_theoriques,
        48 as demi_heures_imprimees,
        durees.nombre_heures <> 24 as est_jour_changement_heure,
        durees.type_jour,
        durees.nom_jour_ferie is not null as est_ferie,
        durees.nom_jour_ferie,
        durees.nom_jour_ferie_alsace_moselle is not null as est_ferie_alsace_moselle,
        durees.nom_jour_ferie_alsace_moselle,
        durees.est_pont,
        {{ annee_scolaire('durees.date') }} as annee_scolaire,
        vacances.est_vacances_zone_a,
        vacances.nom_vacances_zone_a,
        vacances.est_vacances_zone_b,
        vacances.nom_vacances_zone_b,
        vacances.est_vacances_zone_c,
        vacances.nom_vacances_zone_c,
        vacances.est_vacances_corse,
        vacances.nom_vacances_corse
    from durees
    left join vacances on durees.date = vacances.date

)

select * from final
