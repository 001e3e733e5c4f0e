with

vacances as (

    select
        zone_scolaire,
        nom_vacances,
        premier_jour,
        dernier_jour,
        source,
        cast(substr(annee_scolaire, 1, 4) as integer) as annee
    from {{ ref('int_calendrier_vacances') }}

),

suites as (

    select
        *,
        lead(premier_jour) over (
            partition by zone_scolaire
            order by premier_jour, dernier_jour nulls last
        ) as premier_jour_suivant,
        lead(annee) over (
            partition by zone_scolaire
            order by premier_jour, dernier_jour nulls last
        ) as annee_suivante
    from vacances

),

-- Days between two holidays are school days as long as both are known and no school year is missing in between.
periodes as (

    select
        zone_scolaire,
        true as est_vacances,
        nom_vacances,
        premier_jour,
        dernier_jour,
        source
    from suites
    where dernier_jour is not null

    union all

    select
        zone_scolaire,
        false as est_vacances,
        cast(null as string) as nom_vacances,
        {{ jour_plus('dernier_jour', 1) }} as premier_jour,
        {{ jour_plus('premier_jour_suivant', -1) }} as dernier_jour,
        source
    from suites
    where dernier_jour is not null and annee_suivante - annee <= 1

),

final as (

    select
        jours.date,
        periodes.zone_scolaire,
        periodes.est_vacances,
        periodes.nom_vacances,
        periodes.source
    from {{ ref('int_calendrier_jours') }} as jours
    inner join periodes on jours.date between periodes.premier_jour and periodes.dernier_jour
    -- Where periods overlap, a holiday wins, then the one that began last: a bridge within a fortnight.
    qualify row_number() over (
        partition by jours.date, periodes.zone_scolaire
        order by periodes.est_vacances desc, periodes.premier_jour desc, periodes.nom_vacances asc
    ) = 1

)

select * from final
