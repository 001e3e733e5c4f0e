with

nationale as (

    select
        'consommation_nationale' as jeu,
        'FR' as code_territoire,
        date_locale,
        substr(heure_locale, 4, 2) as minute,
        est_heure_fictive,
        consommation_electricite_mw,
        consommation_gaz_mw
    from {{ ref('fct_consommation_nationale') }}

),

regionale as (

    select
        'consommation_regionale' as jeu,
        code_region as code_territoire,
        date_locale,
        substr(heure_locale, 4, 2) as minute,
        est_heure_fictive,
        consommation_electricite_mw,
        consommation_gaz_mw
    from {{ ref('fct_consommation_regionale') }}

),

lectures as (

    select * from nationale
    union all
    select * from regionale

),

-- A reading off the half-hours, or off the hours for gas, is one too many: 25 of 24 hours are not a complete day.
comptes as (

    select
        jeu,
        code_territoire,
        date_locale,
        count(*) as nombre_etiquettes,
        count(*) filter (where est_heure_fictive) as nombre_heures_fictives,
        count(consommation_electricite_mw) filter (where not est_heure_fictive and minute in ('00', '30'))
            as demi_heures_electricite,
        count(consommation_electricite_mw) filter (where not est_heure_fictive and minute not in ('00', '30'))
            as electricite_hors_grille,
        count(consommation_gaz_mw) filter (where not est_heure_fictive and minute = '00') as heures_gaz,
        count(consommation_gaz_mw) filter (where not est_heure_fictive and minute <> '00') as gaz_hors_grille
    from lectures
    group by jeu, code_territoire, date_locale

),

periodes as (

    select
        jeu,
        min(date_locale) as premier_jour,
        max(date_locale) as dernier_jour
    from comptes
    group by jeu

),

territoires as (

    select distinct
        jeu,
        code_territoire
    from comptes

),

-- Every day of the period, so that a day without any row shows too.
calendrier as (

    select
        territoires.jeu,
        territoires.code_territoire,
        dates.date,
        dates.nombre_heures,
        dates.demi_heures_theoriques
    from territoires
    inner join periodes on territoires.jeu = periodes.jeu
    inner join {{ ref('dim_date') }} as dates
        on dates.date between periodes.premier_jour and periodes.dernier_jour

),

-- Here zero is a count of rows, not a measure.
final as (

    select
        calendrier.jeu,
        calendrier.code_territoire,
        calendrier.date,
        cast(coalesce(comptes.nombre_etiquettes, 0) as integer) as nombre_etiquettes,
        cast(coalesce(comptes.nombre_heures_fictives, 0) as integer) as nombre_heures_fictives,
        calendrier.demi_heures_theoriques,
        cast(coalesce(comptes.demi_heures_electricite, 0) as integer) as demi_heures_electricite,
        cast(calendrier.demi_heures_theoriques - coalesce(comptes.demi_heures_electricite, 0) as integer)
            as demi_heures_electricite_manquantes,
        calendrier.nombre_heures as heures_gaz_theoriques,
        cast(coalesce(comptes.heures_gaz, 0) as integer) as heures_gaz,
        cast(calendrier.nombre_heures - coalesce(comptes.heures_gaz, 0) as integer) as heures_gaz_manquantes,
        coalesce(
            comptes.demi_heures_electricite >= calendrier.demi_heures_theoriques
            and comptes.electricite_hors_grille = 0,
            false
        ) as est_complet_electricite,
        coalesce(
            comptes.heures_gaz >= calendrier.nombre_heures and comptes.gaz_hors_grille = 0, false
        ) as est_complet_gaz
    from calendrier
    left join comptes
        on
            calendrier.jeu = comptes.jeu
            and calendrier.code_territoire = comptes.code_territoire
            and calendrier.date = comptes.date_locale

)

select * from final
