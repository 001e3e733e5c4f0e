with

jours as (

    select * from {{ source('lac', 'vacances_scolaires') }}

),

-- Days that follow each other under one name: the day less its rank is the same for all of them.
rangs as (

    select
        date,
        nom,
        zone_scolaire,
        {{ jour_plus('date', '-row_number() over (partition by zone_scolaire, nom order by date)') }} as suite
    from jours

),

periodes as (

    select
        zone_scolaire,
        nom as nom_vacances,
        min(date) as premier_jour,
        max(date) as dernier_jour
    from rangs
    group by zone_scolaire, nom, suite

),

final as (

    select
        {{ annee_scolaire('premier_jour') }} as annee_scolaire,
        zone_scolaire,
        nom_vacances,
        premier_jour,
        dernier_jour
    from periodes

)

select * from final
