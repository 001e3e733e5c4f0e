with

jours as (

    select
        bilan.maille,
        bilan.code_territoire,
        bilan.date,
        bilan.est_complet,
        dates.annee,
        dates.mois_de_annee,
        dates.saison,
        -- A winter is named after the year of its January.
        case when dates.mois_de_annee = 12 then dates.annee + 1 else dates.annee end as annee_saison
    from {{ ref('mart_mix_bilan_jour') }} as bilan
    inner join {{ ref('dim_date') }} as dates on bilan.date = dates.date

),

-- Years of the calendar.
bornes as (

    select
        min(annee) as premiere,
        max(annee) as derniere
    from {{ ref('dim_date') }}

),

-- From all civil days, so that a period under way has its true end.
toutes_les_saisons as (

    select
        case when mois_de_annee = 12 then annee + 1 else annee end as annee_saison,
        saison,
        min(date) as debut,
        max(date) as fin,
        count(*) as jours_attendus
    from {{ ref('dim_date') }}
    group by case when mois_de_annee = 12 then annee + 1 else annee end, saison

),

saisons as (

    select toutes_les_saisons.*
    from toutes_les_saisons
    cross join bornes
    where
        {{ saison_entiere(
            'toutes_les_saisons.saison', 'toutes_les_saisons.annee_saison', 'bornes.premiere', 'bornes.derniere'
        ) }}

),

mois as (

    select
        annee,
        mois_de_annee,
        min(date) as debut,
        max(date) as fin,
        count(*) as jours_attendus
    from {{ ref('dim_date') }}
    group by annee, mois_de_annee

),

annees as (

    select
        annee,
        min(date) as debut,
        max(date) as fin,
        count(*) as jours_attendus
    from {{ ref('dim_date') }}
    group by annee

),

derniers_jours as (

    select
        code_territoire,
        max(date) as fin
    from jours
    where est_complet
    group by code_territoire

),

final as (

    select
        jours.maille,
        jours.code_territoire,
        jours.date,
        jours.est_complet,
        'saison' as type_periode,
        jours.annee_saison,
        jours.saison,
        saisons.debut,
        saisons.fin,
        saisons.jours_attendus
    from jours
    inner join saisons on jours.annee_saison = saisons.annee_saison and jours.saison = saisons.saison
    union all
    select
        jours.maille,
        jours.code_territoire,
        jours.date,
        jours.est_complet,
        'mois' as type_periode,
        cast(null as integer) as annee_saison,
        cast(null as string) as saison,
        mois.debut,
        mois.fin,
        mois.jours_attendus
    from jours
    inner join mois on jours.annee = mois.annee and jours.mois_de_annee = mois.mois_de_annee
    union all
    select
        jours.maille,
        jours.code_territoire,
        jours.date,
        jours.est_complet,
        'annee' as type_periode,
        cast(null as integer) as annee_saison,
        cast(null as string) as saison,
        annees.debut,
        annees.fin,
        annees.jours_attendus
    from jours
    inner join annees on jours.annee = annees.annee
    union all
    select
        jours.maille,
        jours.code_territoire,
        jours.date,
        jours.est_complet,
        '30_jours' as type_periode,
        cast(null as integer) as annee_saison,
        cast(null as string) as saison,
        {{ jour_plus('derniers_jours.fin', -29) }} as debut,
        derniers_jours.fin,
        30 as jours_attendus
    from jours
    inner join derniers_jours
        on
            jours.code_territoire = derniers_jours.code_territoire
            and jours.date between {{ jour_plus('derniers_jours.fin', -29) }} and derniers_jours.fin

)

select * from final
