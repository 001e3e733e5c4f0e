{#- Readings of gross consumption, each at the label to which it belongs. -#}

{#- Body of the two views of readings, each at its own label: one row per label. Where the publisher printed several
    and the right label of one of them cannot be found, the choice is stable, and int_fautes_etiquettes_* lists what
    is left out. Rows that the portal itself rejects are kept without a measure.

    Months without a doubled label pass through untouched. -#}
{% macro lectures_placees(staging, etiquettes, territoire=[]) -%}
{%- set groupe = ['mois'] + territoire -%}
{%- set cle = groupe + ['date_locale', 'heure_locale'] -%}
with

lignes as (

    select * from {{ staging }}

),

mois_suspects as (

    select distinct {{ groupe | join(', ') }}, true as est_suspect from {{ etiquettes }}

),

placements as (

    select * from {{ etiquettes }}
    where verdict in ('placée', 'place incertaine')

),

marquees as (

    select
        lignes.*,
        coalesce(mois_suspects.est_suspect, false) as est_suspect
    from lignes
    left join mois_suspects on {{ egales('lignes', 'mois_suspects', groupe) }}

),

numerotees as (

    select
        *,
        {{ rang_demi_heure('date_locale', 'heure_locale') }} as rang,
        dense_rank() over (
            partition by {{ cle | join(', ') }}, est_ignoree
            order by {{ ordre_des_lectures() }}
        ) as lecture
    from marquees
    where est_suspect

),

rangees as (

    select
        numerotees.*,
        case
            when numerotees.rang = placements.rang_double then placements.rang_cible
            else numerotees.rang + case when placements.rang_vide > placements.rang_double then 1 else -1 end
        end as rang_corrige,
        placements.verdict is not null as est_corrigee
    from numerotees
    left join placements
        on
            {{ egales('numerotees', 'placements', groupe) }}
            and not numerotees.est_ignoree
            and substr(numerotees.heure_locale, 4, 2) in ('00', '30')
            and (
                (numerotees.rang = placements.rang_double and numerotees.lecture = placements.lecture_deplacee)
                or (
                    placements.est_suite
                    and numerotees.rang > least(placements.rang_double, placements.rang_vide)
                    and numerotees.rang < greatest(placements.rang_double, placements.rang_vide)
                )
            )

),

replacees as (

    select
        *,
        case when est_corrigee then {{ jour_du_rang('mois', 'rang_corrige') }} else date_locale end as date_corrigee,
        case when est_corrigee then {{ heure_du_rang('rang_corrige') }} else heure_locale end as heure_corrigee
    from rangees

),

uniques as (

    select * from replacees
    qualify row_number() over (
        partition by {{ groupe | join(', ') }}, date_corrigee, heure_corrigee
        order by est_ignoree, {{ ordre_des_lectures() }}
    ) = 1

),

{%- set recopiees -%}
        est_ignoree,
        {%- for mesure in ['electricite', 'gaz', 'gaz_natran', 'gaz_terega'] %}
        case when not est_ignoree then consommation_{{ mesure }}_mw end as consommation_{{ mesure }}_mw,
        {%- endfor %}
        statut_electricite_publie,
        statut_gaz_natran_publie,
        statut_gaz_terega_publie
{%- endset %}

final as (

    select
        {{ groupe | join(',\n        ') }},
        date_locale,
        heure_locale,
        instant_utc,
        est_heure_fictive,
        heure_locale as heure_publiee,
        false as est_corrigee,
        {{ recopiees }}
    from marquees
    where not est_suspect
    union all
    select
        {{ groupe | join(',\n        ') }},
        date_corrigee as date_locale,
        heure_corrigee as heure_locale,
        case
            when est_corrigee then {{ instant_de_paris(heure_civile('date_corrigee', 'heure_corrigee')) }}
            else instant_utc
        end as instant_utc,
        case
            when est_corrigee then {{ est_heure_fictive('date_corrigee', 'heure_corrigee') }}
            else est_heure_fictive
        end as est_heure_fictive,
        heure_locale as heure_publiee,
        est_corrigee,
        {{ recopiees }}
    from uniques

)

select * from final
{%- endmacro %}
