{#- A fixed range, so that the table never depends on the clock: from the first published exchange to far enough. -#}
{%- set premier_jour = "cast('2005-01-01' as date)" -%}
{%- set dernier_jour = "cast('2035-12-31' as date)" -%}
with

chiffres as (

    select chiffre
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as liste (chiffre)

),

rangs as (

    select
        dizaines_de_mille.chiffre * 10000 + milliers.chiffre * 1000 + centaines.chiffre * 100
        + dizaines.chiffre * 10 + unites.chiffre as rang
    from chiffres as dizaines_de_mille
    cross join chiffres as milliers
    cross join chiffres as centaines
    cross join chiffres as dizaines
    cross join chiffres as unites
    where dizaines_de_mille.chiffre <= 1

),

jours as (

    select {{ jour_plus(premier_jour, 'rang') }} as date
    from rangs
    where {{ jour_plus(premier_jour, 'rang') }} <= {{ dernier_jour }}

),

durees as (

    select
        date,
        cast({{ jour_iso('date') }} as integer) as jour_de_semaine,
        cast({{
            heures_entre(
                instant_de_paris('cast(date as timestamp)'),
                instant_de_paris('cast(' ~ jour_plus('date', 1) ~ ' as timestamp)'),
            )
        }} as integer) as nombre_heures
    from jours

),

final as (

    select
        date,
        cast(extract(year from date) as integer) as annee,
        cast(extract(quarter from date) as integer) as trimestre,
        cast(extract(month from date) as integer) as mois_de_annee,
        {{ mois_de('date') }} as mois,
        cast(extract(day from date) as integer) as jour_du_mois,
        jour_de_semaine,
        cast(extract(week from date) as integer) as semaine_iso,
        jour_de_semaine >= 6 as est_week_end,
        case
            when extract(month from date) in (12, 1, 2) then 'hiver'
            when extract(month from date) in (3, 4, 5) then 'printemps'
            when extract(month from date) in (6, 7, 8) then 'été'
            else 'automne'
        end as saison,
        nombre_heures,
        2 * nombre_heures as demi_heures_theoriques,
        48 as demi_heures_imprimees,
        nombre_heures <> 24 as est_jour_changement_heure
    from durees

)

select * from final
