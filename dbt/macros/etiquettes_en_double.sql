{#- Labels of gross consumption that are printed several times: one reading carries the wrong day, or a run of
    half-hours is printed one step early or late.

    Longer than 300 lines because it is a single query, in which each CTE needs the one before. The national and the
    regional data set each have their own table, so that a fault of one is never blamed on the other.

    Thresholds were measured on the national file of 2016 to 2019, into which 1 200 such faults were injected
    (docs/methods/faults.md). -#}

{#- How many times better than the next an explanation must be to stand alone. Of 1 365 swapped pairs of midnights a
    day apart, 1 314 are recognised and 2 wrongly corrected; of the runs of twelve hours or more, 99.5 % and none. -#}
{% macro explication_unique() -%} 1.5 {%- endmacro %}

{#- Shortest run (half-hours) whose shape alone shows that it is out of step: of 4 000 runs of six hours, none is
    wrongly corrected. -#}
{% macro suite_la_plus_courte() -%} 12 {%- endmacro %}

{#- A lone reading is placed where it fits within this many usual gaps: 1 349 of 1 365 midnights do, and one in ten
    of the readings that are only another version of the one that stays. -#}
{% macro ecart_d_une_place() -%} 12 {%- endmacro %}

{#- Up to this many, its place is uncertain, provided that it fits nowhere else: the midnights of a week of 2017 and
    of a month of 2019 are printed with a step (13 to 60 usual gaps), and a reading must not be lost for that. -#}
{% macro ecart_d_une_place_incertaine() -%} 40 {%- endmacro %}

{#- How far away (half-hours) the empty label may be: a week. The farthest that was seen is two days. -#}
{% macro distance_d_une_place() -%} 336 {%- endmacro %}


{#- Body of the two tables of labels that are printed several times, with the place where each reading belongs.

    A doubled label and the nearest empty one belong together: either one reading carries the wrong day, or the
    whole run between them is one step early or late. Each explanation is tried: the month is laid out as it would
    be, and compared with its own other days at the same label. Gas, which is read on the hour only, is the best
    witness. Everything comes from the month itself, so that rebuilding one month gives the same rows as a full
    build. -#}
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

-- The readings of those months, without duplicates.
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

-- A single missing label between two that are there. An outage is longer, and no reading belongs in it.
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
    -- Between neighbouring labels both explanations are the same.
    where not formes.est_suite or abs(paires.rang_vide - paires.rang_double) > 1

),

-- The month as each explanation would lay it out.
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
    -- Other doubled labels of the month keep one of their readings.
    where lectures.rang = hypotheses.rang_double or lectures.lecture = 1

),

-- How far a reading lies from the line between its neighbours: half an hour away for electricity, an hour for gas.
{{ ecarts_a_la_ligne('ecarts', 'deplacees', cle_hypothese, ['rang_cible', 'premier_rang', 'dernier_rang']) }},

{{ ecarts_a_la_ligne('ecarts_publies', 'lectures', groupe, condition='lecture = 1') }},

-- The usual distance at this label on the other days of the month.
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
        -- Where something moves: how far it is from the usual distance.
        sum(
            abs(ecarts.ecart_electricite_mw - habitudes.electricite_mw)
            + coalesce(abs(ecarts.ecart_gaz_mw - habitudes.gaz_mw), 0)
        ) filter (where ecarts.rang in (ecarts.rang_double, ecarts.rang_vide, ecarts.rang_cible)) as residu_mw,
        count(*) filter (
            where ecarts.rang in (ecarts.rang_double, ecarts.rang_vide) and ecarts.ecart_electricite_mw is null
        ) as bords_inconnus,
        -- Over the whole run.
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
            -- Gas decides, unless the shape contradicts it. Single gas readings may be missing.
            when lectures_de_gaz > 0
                then
                    gaz_des_deux_lectures = 0 and 4 * gaz_hors_de_l_heure < {{ autre_gaz }}
                    and ecart_de_la_forme_mw <= {{ explication_unique() }} * ({{ autre_forme }})
            else
                abs(rang_vide - rang_double) >= {{ suite_la_plus_courte() }}
                and {{ autre_forme }} >= {{ explication_unique() }} * ecart_de_la_forme_mw
        end
        -- A lone reading must fit at its new label; otherwise it may be another version of the one that stays.
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
            -- The shape alone confuses two neighbouring readings once in forty.
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


{#- CTE: readings in order, with the distance of each from the line between its neighbours (MW); null next to a gap. -#}
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
