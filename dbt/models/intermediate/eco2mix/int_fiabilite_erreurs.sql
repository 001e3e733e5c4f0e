{#- Longer than 300 lines because it is a single query that turns four tables of readings into one of errors. -#}
{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}
with

revisions as (

    select * from {{ ref('fct_revisions') }}
    where jeu_de_donnees in ('eco2mix-national-tr', 'eco2mix-regional-tr') and {{ dans_la_fenetre('mois') }}

),

-- A month without any revision may have been seen only once: it shows nothing about revisions, and is left out.
mois_suivis as (

    select distinct
        jeu_de_donnees,
        mois
    from revisions

),

temps_reel_national as (

    select
        mois,
        'FR' as code_territoire,
        date_locale,
        heure_locale,
        est_heure_fictive,
        consommation_mw as consommation,
        nucleaire_mw as nucleaire,
        gaz_mw as gaz,
        charbon_mw as charbon,
        fioul_mw as fioul,
        eolien_mw as eolien,
        solaire_mw as solaire,
        hydraulique_mw as hydraulique,
        bioenergies_mw as bioenergies,
        pompage_mw as pompage,
        ech_physiques_mw as ech_physiques
    from {{ ref('stg_odre__eco2mix_national_tr') }}
    where {{ dans_la_fenetre('mois') }}

),

temps_reel_regional as (

    select
        mois,
        code_region as code_territoire,
        date_locale,
        heure_locale,
        est_heure_fictive,
        consommation_mw as consommation,
        nucleaire_mw as nucleaire,
        thermique_mw as thermique,
        eolien_mw as eolien,
        solaire_mw as solaire,
        hydraulique_mw as hydraulique,
        bioenergies_mw as bioenergies,
        pompage_mw as pompage,
        ech_physiques_mw as ech_physiques
    from {{ ref('stg_odre__eco2mix_regional_tr') }}
    where {{ dans_la_fenetre('mois') }}

),

suivi_national as (

    select temps_reel_national.*
    from temps_reel_national
    inner join mois_suivis on temps_reel_national.mois = mois_suivis.mois
    where mois_suivis.jeu_de_donnees = 'eco2mix-national-tr'

),

suivi_regional as (

    select temps_reel_regional.*
    from temps_reel_regional
    inner join mois_suivis on temps_reel_regional.mois = mois_suivis.mois
    where mois_suivis.jeu_de_donnees = 'eco2mix-regional-tr'

),

consolide_national as (

    select
        mois,
        'FR' as code_territoire,
        date_locale,
        heure_locale,
        est_heure_fictive,
        consommation_mw as consommation,
        nucleaire_mw as nucleaire,
        gaz_mw as gaz,
        charbon_mw as charbon,
        fioul_mw as fioul,
        eolien_mw as eolien,
        solaire_mw as solaire,
        hydraulique_mw as hydraulique,
        bioenergies_mw as bioenergies,
        pompage_mw as pompage,
        ech_physiques_mw as ech_physiques
    from {{ ref('stg_odre__eco2mix_national_cons_def') }}
    where {{ dans_la_fenetre('mois') }}

),

consolide_regional as (

    select
        mois,
        code_region as code_territoire,
        date_locale,
        heure_locale,
        est_heure_fictive,
        consommation_mw as consommation,
        nucleaire_mw as nucleaire,
        thermique_mw as thermique,
        eolien_mw as eolien,
        solaire_mw as solaire,
        hydraulique_mw as hydraulique,
        bioenergies_mw as bioenergies,
        pompage_mw as pompage,
        ech_physiques_mw as ech_physiques
    from {{ ref('stg_odre__eco2mix_regional_cons_def') }}
    where {{ dans_la_fenetre('mois') }}

),

temps_reel as (

    select * from suivi_national
    unpivot (
        derniere_mw for mesure in (
            consommation, nucleaire, gaz, charbon, fioul, eolien, solaire, hydraulique, bioenergies, pompage,
            ech_physiques
        )
    )
    union all
    select * from suivi_regional
    unpivot (
        derniere_mw for mesure in (
            consommation, nucleaire, thermique, eolien, solaire, hydraulique, bioenergies, pompage,
            ech_physiques
        )
    )

),

consolide as (

    select * from consolide_national
    unpivot (
        valeur_mw for mesure in (
            consommation, nucleaire, gaz, charbon, fioul, eolien, solaire, hydraulique, bioenergies, pompage,
            ech_physiques
        )
    )
    union all
    select * from consolide_regional
    unpivot (
        valeur_mw for mesure in (
            consommation, nucleaire, thermique, eolien, solaire, hydraulique, bioenergies, pompage,
            ech_physiques
        )
    )

),

-- The consolidated value is final; until it exists, the last real-time value takes its place.
valeurs as (

    select
        temps_reel.mois,
        temps_reel.code_territoire,
        temps_reel.date_locale,
        temps_reel.heure_locale,
        temps_reel.mesure,
        temps_reel.derniere_mw,
        coalesce(consolide.valeur_mw, temps_reel.derniere_mw) as finale_mw,
        case when consolide.valeur_mw is null then 'dernier temps réel' else 'consolidée' end as reference
    from temps_reel
    left join consolide
        on
            temps_reel.code_territoire = consolide.code_territoire
            and temps_reel.date_locale = consolide.date_locale
            and temps_reel.heure_locale = consolide.heure_locale
            and temps_reel.mesure = consolide.mesure
    where not temps_reel.est_heure_fictive

),

horizons as (

    select ages.horizon_h from (values (1), (3), (12), (24), (48), (168)) as ages (horizon_h)

),

-- The value that was current at an age is the one that the first later revision replaced.
remplacees as (

    select
        revisions.code_territoire,
        revisions.date_locale,
        revisions.heure_locale,
        revisions.mesure,
        horizons.horizon_h,
        min_by(revisions.valeur_avant, revisions.delai_h) as valeur_mw
    from revisions
    inner join horizons on revisions.delai_h > horizons.horizon_h
    group by
        revisions.code_territoire, revisions.date_locale, revisions.heure_locale, revisions.mesure, horizons.horizon_h

),

-- Most values are never revised: their errors are the same at all ages, and are counted once.
inchangees as (

    select
        mois,
        code_territoire,
        mesure,
        reference,
        derniere_mw - finale_mw as erreur_mw,
        count(*) as nombre_valeurs,
        sum(cast(abs(finale_mw) as decimal(38, 6))) as finale_absolue_mw
    from valeurs
    group by mois, code_territoire, mesure, reference, derniere_mw - finale_mw

),

revisees as (

    select
        valeurs.*,
        remplacees.horizon_h,
        remplacees.valeur_mw
    from valeurs
    inner join remplacees
        on
            valeurs.code_territoire = remplacees.code_territoire
            and valeurs.date_locale = remplacees.date_locale
            and valeurs.heure_locale = remplacees.heure_locale
            and valeurs.mesure = remplacees.mesure
    where remplacees.valeur_mw is not null

),

-- A value that was revised after an age leaves its last error for the one that it had at that age.
mouvements as (

    select
        inchangees.mois,
        inchangees.code_territoire,
        inchangees.mesure,
        inchangees.reference,
        horizons.horizon_h,
        inchangees.erreur_mw,
        inchangees.nombre_valeurs,
        0 as nombre_revisees,
        inchangees.finale_absolue_mw
    from inchangees
    cross join horizons
    union all
    select
        mois,
        code_territoire,
        mesure,
        reference,
        horizon_h,
        derniere_mw - finale_mw as erreur_mw,
        -1 as nombre_valeurs,
        0 as nombre_revisees,
        -cast(abs(finale_mw) as decimal(38, 6)) as finale_absolue_mw
    from revisees
    union all
    select
        mois,
        code_territoire,
        mesure,
        reference,
        horizon_h,
        valeur_mw - finale_mw as erreur_mw,
        1 as nombre_valeurs,
        1 as nombre_revisees,
        cast(abs(finale_mw) as decimal(38, 6)) as finale_absolue_mw
    from revisees

),

final as (

    select
        mois,
        code_territoire,
        mesure,
        reference,
        cast(horizon_h as integer) as horizon_h,
        erreur_mw,
        cast(sum(nombre_valeurs) as bigint) as nombre_valeurs,
        cast(sum(nombre_revisees) as bigint) as nombre_revisees,
        cast(sum(finale_absolue_mw) as decimal(38, 6)) as finale_absolue_mw
    from mouvements
    group by mois, code_territoire, mesure, reference, horizon_h, erreur_mw
    having sum(nombre_valeurs) > 0

)

select * from final
