{#- Body of the two facts of gross consumption, which differ by their territory only.

    One row per (territory, civil day, label). Everything in a row comes from its own month, so that renewing one
    month gives what a full build gives. -#}
{% macro fait_consommation(lectures, etiquettes, territoire=[]) -%}
{%- set cle_du_mois = ['mois'] + territoire -%}
with

lectures as (

    select * from {{ lectures }}
    where {{ dans_la_fenetre('mois') }}

),

pas as (

    select
        {{ cle_du_mois | join(', ') }},
        {{ pas_observe_heures('consommation_electricite_mw', pas_du_jeu=0.5) }} as pas_electricite_heures,
        {{ pas_observe_heures('consommation_gaz_mw', pas_du_jeu=1.0) }} as pas_gaz_heures
    from lectures
    group by {{ cle_du_mois | join(', ') }}

),

statuts as (

    select * from {{ ref('statuts') }}

),

-- Days of which a reading has no sure place, and days on which the other data set says something else.
incertains as (

    select distinct
        {{ cle_du_mois | join(', ') }},
        date_locale
    from (
        select
            {{ cle_du_mois | join(', ') }},
            date_locale
        from {{ etiquettes }}
        where verdict in ('place incertaine', 'sans place')
        union all
        select
            {{ cle_du_mois | join(', ') }},
            {{ jour_du_rang('mois', 'rang_vide') }} as date_locale
        from {{ etiquettes }}
        where verdict = 'place incertaine'
    ) as jours

),

ecarts as (

    select
        mois,
        date as date_locale
    from {{ ref('int_consommation_comparer_regions_et_france') }}
    where est_douteux

),

final as (

    select
        lectures.mois,
        {%- for colonne in territoire %}
        lectures.{{ colonne }},
        {%- endfor %}
        lectures.date_locale,
        lectures.heure_locale,
        lectures.instant_utc,
        lectures.est_heure_fictive,
        lectures.consommation_electricite_mw,
        {{ energie_mwh('lectures.consommation_electricite_mw', 'pas.pas_electricite_heures') }}
            as energie_electricite_mwh,
        lectures.consommation_gaz_mw,
        {{ energie_mwh('lectures.consommation_gaz_mw', 'pas.pas_gaz_heures') }} as energie_gaz_mwh,
        lectures.consommation_gaz_natran_mw,
        lectures.consommation_gaz_terega_mw,
        electricite.statut as statut_electricite,
        -- A sum is as final as its least final part, and unknown when one of them is.
        case
            when
                (lectures.statut_gaz_natran_publie is not null and natran.statut is null)
                or (lectures.statut_gaz_terega_publie is not null and terega.statut is null)
                then null
            when terega.rang > natran.rang or natran.rang is null then terega.statut
            else natran.statut
        end as statut_gaz,
        lectures.heure_publiee,
        lectures.est_corrigee,
        lectures.est_ignoree,
        incertains.date_locale is not null or ecarts.date_locale is not null as est_douteux
    from lectures
    inner join pas
        on {{ egales('lectures', 'pas', cle_du_mois) }}
    left join incertains
        on
            {{ egales('lectures', 'incertains', cle_du_mois) }}
            and lectures.date_locale = incertains.date_locale
    left join ecarts on lectures.mois = ecarts.mois and lectures.date_locale = ecarts.date_locale
    left join statuts as electricite on lectures.statut_electricite_publie = electricite.statut_publie
    left join statuts as natran on lectures.statut_gaz_natran_publie = natran.statut_publie
    left join statuts as terega on lectures.statut_gaz_terega_publie = terega.statut_publie

)

select * from final
{%- endmacro %}
