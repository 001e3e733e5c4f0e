{#- A fixed range, so that the calendar never depends on the clock: from the first published exchange to far enough. -#}
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

final as (

    select {{ jour_plus(premier_jour, 'rang') }} as date
    from rangs
    where {{ jour_plus(premier_jour, 'rang') }} <= {{ dernier_jour }}

)

select * from final
