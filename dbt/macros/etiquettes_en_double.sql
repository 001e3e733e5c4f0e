{#- Labels of gross consumption that are printed several times: a reading dated of the wrong day, or a run of half-hours
    printed one step early or late.

    Longer than 300 lines because it is one query, each CTE of which needs the one before. The national and the regional
    data set each have a table of their own, so that a fault of one is never laid at the other's door.

    Thresholds were measured on the national file of 2016 to 2019, into which 1 200 such faults were put (docs/methods/faults.md). -#}

{#- Better by half: what one explanation must be than the next to be the only one. Of 1 365 pairs of midnights a day apart,
    swapped, 1 314 are told so and 2 told wrong; of the runs of twelve hours or more, 99.5 % and none. -#}
{% macro explication_unique() -%} 1.5 {%- endmacro %}

{#- Shortest run (half-hours) of which the shape alone tells that it is out of step: of 4 000 of six hours, none is told wrong. -#}
{% macro suite_la_plus_courte() -%} 12 {%- endmacro %}

{#- A lone reading has its place where it fits within so many usual gaps: 1 349 of 1 365 midnights do, and one in ten of those
    that are but another version of the reading that stays. -#}
{% macro ecart_d_une_place() -%} 12 {%- endmacro %}

{#- Up to so many, its place is uncertain, if it fits nowhere else: the midnights of a week of 2017 and of a month of 2019 are
    printed with a step (13 to 60 usual gaps), and a reading must not be lost for that. -#}
{% macro ecart_d_une_place_incertaine() -%} 40 {%- endmacro %}

{#- How far (half-hours) the empty label may lie: a week. Two days is the farthest that was seen. -#}
{% macro distance_d_une_place() -%} 336 {%- endmacro %}


{#- Body of the two tables of labels that are printed several times, with the place where each reading belongs.

    A doubled label and the nearest empty one make a whole: either one reading is dated of the wrong day, or the whole run
    between them lies one step early or late. Each such explanation is tried: the month is laid out as it would be, and
    compared with what its own other days are like at the same label. Gas, read on the hour only, tells most.
    Everything comes from the month itself, so that renewing one month gives what a full build gives. -#}
{% macro etiquettes_en_double(staging, territoire=[]) -%}
{%- set groupe = ['mois'] + territoire -%}
{%- set cle = groupe + ['date_locale', 'heure_locale'] -%}
{%- set cle_hypothese = groupe + ['rang_double', 'rang_vide', 'est_suite', 'lecture_deplacee'] -%}
with

lignes as (

    select * from {{ staging }}
    where {{ dans_la_fenetre('mois') }}

),

etiquettes as (

    select
        {{ cle | join(', ') }},
        count(*) as nombre_lignes
    from lignes
    group by {{ cle | join(', ') }}
    having count(*) > 1

),

mois_suspects as (

    select distinct {{ groupe | join(', ') }} from etiquettes

),

-- The readings of those months, equal ones once.
lectures as (

    select distinct
        {{ cle | join(', ') }},
        {{ rang_demi_heure('date_locale', 'heure_locale') }} as rang,
        lecture,
        consommation_electricite_mw as electricite_mw,
        consommation_gaz_mw as gaz_mw
    from (
        select
            lignes.*,
            dense_rank() over (
                partition by {% for colonne in cle %}lignes.{{ colonne }}, {% endfor %}lignes.est_ignoree
                order by {{ ordre_des_lectures() }}
            ) as lecture
        from lignes
        inner join mois_suspects on {{ egales('lignes', 'mois_suspects', groupe) }}
    ) as numerotees
    where not est_ignoree and substr(heure_locale, 4, 2) in ('00', '30')

),

rangs as (

    select
        {{ groupe | join(', ') }},
        rang,
        count(*) as nombre_lectures,
        max(electricite_mw) as electricite_max_mw,
        min(electricite_mw) as electricite_min_mw,
        lead(rang) over (partition by {{ groupe | join(', ') }} order by rang) as rang_suivant
    from lectures
    group by {{ groupe | join(', ') }}, rang

),

doubles as (

    select {{ groupe | join(', ') }}, rang as rang_double from rangs
    where nombre_lectures = 2

),

-- A label that lacks alone, between two that are there: an outage is no place.
vides as (

    select {{ groupe | join(', ') }}, rang + 1 as rang_vide from rangs
    where rang_suivant = rang + 2

),

-- The nearest empty label on either side, when no other doubled one is nearer to it.
paires as (

    select
        doubles.*,
        vides.rang_vide,
        case when vides.rang_vide > doubles.rang_double then 1 else -1 end as sens
    from doubles
    inner join vides
        on
            {{ egales('doubles', 'vides', groupe) }}
            and abs(vides.rang_vide - doubles.rang_double) <= {{ distance_d_une_place() }}
    qualify
        row_number() over (
            partition by {% for colonne in groupe %}doubles.{{ colonne }}, {% endfor %}doubles.rang_double,
                vides.rang_vide > doubles.rang_double
            order by abs(vides.rang_vide - doubles.rang_double)
        ) = 1
        and row_number() over (
            partition by {% for colonne in groupe %}doubles.{{ colonne }}, {% endfor %}vides.rang_vide,
                vides.rang_vide > doubles.rang_double
            order by abs(vides.rang_vide - doubles.rang_double)
        ) = 1

),

hypotheses as (

    select
        paires.*,
        formes.est_suite,
        lecture_1_ou_2.lecture as lecture_deplacee,
        case when formes.est_suite then paires.rang_double + paires.sens else paires.rang_vide end as rang_cible,
        least(paires.rang_double, paires.rang_vide) as premier_rang,
        greatest(paires.rang_double, paires.rang_vide) as dernier_rang
    from paires
    cross join (select false as est_suite union all select true as est_suite) as formes
    cross join (select 1 as lecture union all select 2 as lecture) as lecture_1_ou_2
    -- Between neighbours the two are one.
    where not formes.est_suite or abs(paires.rang_vide - paires.rang_double) > 1

),

-- The month as each of them would have it.
deplacees as (

    select
        {% for colonne in cle_hypothese -%}
        hypotheses.{{ colonne }},
        {% endfor -%}
        hypotheses.rang_cible,
        hypotheses.premier_rang,
        hypotheses.dernier_rang,
        lectures.electricite_mw,
        lectures.gaz_mw,
        case
            when
                lectures.rang = hypotheses.rang_double and lectures.lecture = hypotheses.lecture_deplacee
                then hypotheses.rang_cible
            when
                hypotheses.est_suite
                and lectures.rang > hypotheses.premier_rang and lectures.rang < hypotheses.dernier_rang
                then lectures.rang + hypotheses.sens
            else lectures.rang
        end as rang
    from hypotheses
    inner join lectures on {{ egales('hypotheses', 'lectures', groupe) }}
    -- Other doubled labels of the month are taken by one of their readings.
    where lectures.rang = hypotheses.rang_double or lectures.lecture = 1

),

-- By how much a reading leaves the line between its neighbours: half an hour for electricity, an hour for gas.
{{ ecarts_a_la_ligne('ecarts', 'deplacees', cle_hypothese, ['rang_cible', 'premier_rang', 'dernier_rang']) }},

{{ ecarts_a_la_ligne('ecarts_publies', 'lectures', groupe, condition='lecture = 1') }},

-- What that is like at this label on the other days of the month.
habitudes as (

    select
        {{ groupe | join(', ') }},
        rang % 48 as etiquette,
        median(ecart_electricite_mw) as electricite_mw,
        median(ecart_gaz_mw) as gaz_mw
    from ecarts_publies
    group by {{ groupe | join(', ') }}, rang % 48

),

usuels as (

    select
        {% for colonne in groupe %}ecarts_publies.{{ colonne }}, {% endfor %}
        coalesce(median(abs(ecarts_publies.ecart_electricite_mw - habitudes.electricite_mw)), 0)
        + coalesce(median(abs(ecarts_publies.ecart_gaz_mw - habitudes.gaz_mw)), 0) as usuel_mw
    from ecarts_publies
    inner join habitudes
        on {{ egales('ecarts_publies', 'habitudes', groupe) }} and ecarts_publies.rang % 48 = habitudes.etiquette
    group by {% for colonne in groupe %}ecarts_publies.{{ colonne }}{{ ', ' if not loop.last }}{% endfor %}

),

jugees as (

    select
        {% for colonne in cle_hypothese -%}
        ecarts.{{ colonne }},
        {% endfor -%}
        ecarts.rang_cible,
        -- Where something moves: how far it is from the usual.
        sum(
            abs(ecarts.ecart_electricite_mw - habitudes.electricite_mw)
            + coalesce(abs(ecarts.ecart_gaz_mw - habitudes.gaz_mw), 0)
        ) filter (where ecarts.rang in (ecarts.rang_double, ecarts.rang_vide, ecarts.rang_cible)) as residu_mw,
        count(*) filter (
            where ecarts.rang in (ecarts.rang_double, ecarts.rang_vide) and ecarts.ecart_electricite_mw is null
        ) as bords_inconnus,
        -- Over all of the run.
        sum(abs(ecarts.ecart_electricite_mw - habitudes.electricite_mw)) as ecart_de_forme_mw,
        count(ecarts.gaz_mw) as lectures_de_gaz,
        count(*) filter (where ecarts.est_gaz_hors_de_l_heure) as gaz_hors_de_l_heure,
        count(*) filter (
            where ecarts.est_gaz_hors_de_l_heure and ecarts.rang in (ecarts.rang_double, ecarts.rang_cible)
        ) as gaz_des_deux_lectures
    from ecarts
    inner join habitudes on {{ egales('ecarts', 'habitudes', groupe) }} and ecarts.rang % 48 = habitudes.etiquette
    where ecarts.rang between ecarts.premier_rang and ecarts.dernier_rang
    group by
        {% for colonne in cle_hypothese %}ecarts.{{ colonne }}, {% endfor %}ecarts.rang_cible

),

-- The same run, moved and not moved.
comparees as (

    select
        jugees.*,
        min(ecart_de_forme_mw) over meme_forme as ecart_de_la_forme_mw,
        min(case when est_suite then gaz_hors_de_l_heure end) over paire as gaz_suite,
        min(case when not est_suite then gaz_hors_de_l_heure end) over paire as gaz_seule,
        min(case when est_suite then ecart_de_forme_mw end) over paire as forme_suite_mw,
        min(case when not est_suite then ecart_de_forme_mw end) over paire as forme_seule_mw
    from jugees
    window
        paire as (partition by {{ groupe | join(', ') }}, rang_double, rang_vide),
        meme_forme as (partition by {{ groupe | join(', ') }}, rang_double, rang_vide, est_suite)

),

{%- set autre_forme = "case when est_suite then forme_seule_mw else forme_suite_mw end" %}
{%- set autre_gaz = "case when est_suite then gaz_seule else gaz_suite end" %}

retenables as (

    select
        comparees.*,
        usuels.usuel_mw
    from comparees
    inner join usuels on {{ egales('comparees', 'usuels', groupe) }}
    where
        comparees.bords_inconnus = 0
        and case
            when forme_suite_mw is null then lectures_de_gaz = 0 or gaz_hors_de_l_heure = 0
            -- Gas tells, and the shape does not say the contrary. One of its readings may lack here and there.
            when lectures_de_gaz > 0
                then
                    gaz_des_deux_lectures = 0 and 4 * gaz_hors_de_l_heure < {{ autre_gaz }}
                    and ecart_de_la_forme_mw <= {{ explication_unique() }} * ({{ autre_forme }})
            else
                abs(rang_vide - rang_double) >= {{ suite_la_plus_courte() }}
                and {{ autre_forme }} >= {{ explication_unique() }} * ecart_de_la_forme_mw
        end
        -- A lone reading must fit where it goes; else it may be another version of the one that stays.
        and (est_suite or residu_mw <= {{ ecart_d_une_place_incertaine() }} * usuels.usuel_mw)

),

classees as (

    select
        *,
        row_number() over par_double as place,
        lead(residu_mw) over par_double as residu_suivant_mw,
        lead(rang_vide) over par_double = rang_vide and lead(est_suite) over par_double = est_suite as differe_par_l_ordre
    from retenables
    window par_double as (
        partition by {{ groupe | join(', ') }}, rang_double
        order by residu_mw, rang_vide, lecture_deplacee
    )

),

decidees as (

    select
        *,
        case
            when not coalesce(residu_suivant_mw >= {{ explication_unique() }} * residu_mw, true)
                then case
                    when
                        differe_par_l_ordre
                        and (est_suite or residu_mw <= {{ ecart_d_une_place() }} * usuel_mw)
                        then 'place incertaine'
                    else 'sans place'
                end
            -- The shape alone is one witness, and it takes two neighbours for each other once in forty.
            when lectures_de_gaz = 0 then 'place incertaine'
            when not est_suite and residu_mw > {{ ecart_d_une_place() }} * usuel_mw then 'place incertaine'
            else 'placée'
        end as verdict
    from classees
    where place = 1

),

final as (

    select
        {% for colonne in cle %}etiquettes.{{ colonne }}, {% endfor %}
        etiquettes.nombre_lignes,
        coalesce(rangs.nombre_lectures, 0) as nombre_lectures,
        case
            when coalesce(rangs.nombre_lectures, 0) < 2 then 'ligne répétée'
            else coalesce(decidees.verdict, 'sans place')
        end as verdict,
        decidees.rang_double,
        decidees.rang_vide,
        decidees.rang_cible,
        decidees.est_suite,
        decidees.lecture_deplacee,
        decidees.lectures_de_gaz,
        decidees.gaz_suite,
        decidees.gaz_seule,
        decidees.forme_suite_mw,
        decidees.forme_seule_mw,
        decidees.residu_mw,
        decidees.residu_suivant_mw,
        rangs.electricite_max_mw,
        rangs.electricite_min_mw
    from etiquettes
    left join rangs
        on
            {{ egales('etiquettes', 'rangs', groupe) }}
            and {{ rang_demi_heure('etiquettes.date_locale', 'etiquettes.heure_locale') }} = rangs.rang
            and substr(etiquettes.heure_locale, 4, 2) in ('00', '30')
    left join decidees on {{ egales('rangs', 'decidees', groupe) }} and rangs.rang = decidees.rang_double

)

select * from final
{%- endmacro %}


{#- CTE: readings in their order, with how far each leaves the line between its neighbours (MW); null beside a gap. -#}
{% macro ecarts_a_la_ligne(nom, source, serie, autres=[], condition='true') -%}
{{ nom }} as (

    select
        {% for colonne in serie + autres %}{{ colonne }}, {% endfor %}
        rang,
        electricite_mw,
        gaz_mw,
        (rang % 2 = 1 and gaz_mw is not null)
        or (rang % 2 = 0 and gaz_mw is null and electricite_mw is not null) as est_gaz_hors_de_l_heure,
        case
            when lag(rang) over suite = rang - 1 and lead(rang) over suite = rang + 1
                then electricite_mw - (lag(electricite_mw) over suite + lead(electricite_mw) over suite) / 2
        end as ecart_electricite_mw,
        case
            when lag(rang, 2) over suite = rang - 2 and lead(rang, 2) over suite = rang + 2
                then gaz_mw - (lag(gaz_mw, 2) over suite + lead(gaz_mw, 2) over suite) / 2
        end as ecart_gaz_mw
    from {{ source }}
    where {{ condition }}
    window suite as (partition by {{ serie | join(', ') }} order by rang)

)
{%- endmacro %}
