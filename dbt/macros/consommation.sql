{#- Body of the two facts of gross consumption, which differ by their territory only.

    One row per (territory, civil day, label). Everything in a row comes from its own month, so that renewing one
    month gives what a full build gives. -#}
{% macro fait_consommation(staging, territoire=[]) -%}
{%- set cle_du_mois = ['mois'] + territoire -%}
{%- set cle = cle_du_mois + ['date_locale', 'heure_locale'] -%}
with

lectures as (

    select * from {{ staging }}
    where {{ dans_la_fenetre('mois') }}

),

-- The publisher printed some midnights under the wrong day (2020-12-05 has 00:00 twice): nothing tells which of the
-- two is right, so the choice is only made stable. The latest instant wins, then the largest values.
uniques as (

    select *
    from lectures
    qualify row_number() over (
        partition by {{ cle | join(', ') }}
        order by
            instant_utc desc,
            consommation_electricite_mw desc nulls last,
            consommation_gaz_mw desc nulls last,
            consommation_gaz_natran_mw desc nulls last,
            consommation_gaz_terega_mw desc nulls last,
            statut_electricite_publie nulls last,
            statut_gaz_natran_publie nulls last,
            statut_gaz_terega_publie nulls last
    ) = 1

),

pas as (

    select
        {{ cle_du_mois | join(', ') }},
        {{ pas_observe_heures('consommation_electricite_mw') }} as pas_electricite_heures,
        {{ pas_observe_heures('consommation_gaz_mw') }} as pas_gaz_heures
    from uniques
    group by {{ cle_du_mois | join(', ') }}

),

statuts as (

    select * from {{ ref('statuts') }}

),

final as (

    select
        uniques.mois,
        {%- for colonne in territoire %}
        uniques.{{ colonne }},
        {%- endfor %}
        uniques.date_locale,
        uniques.heure_locale,
        uniques.instant_utc,
        uniques.est_heure_fictive,
        uniques.consommation_electricite_mw,
        {{ energie_mwh('uniques.consommation_electricite_mw', 'pas.pas_electricite_heures') }}
            as energie_electricite_mwh,
        uniques.consommation_gaz_mw,
        {{ energie_mwh('uniques.consommation_gaz_mw', 'pas.pas_gaz_heures') }} as energie_gaz_mwh,
        uniques.consommation_gaz_natran_mw,
        uniques.consommation_gaz_terega_mw,
        electricite.statut as statut_electricite,
        -- A sum is as final as its least final part.
        case
            when terega.rang > natran.rang or natran.rang is null then terega.statut
            else natran.statut
        end as statut_gaz
    from uniques
    inner join pas
        on
            {% for colonne in cle_du_mois -%}
            uniques.{{ colonne }} = pas.{{ colonne }}{{ ' and ' if not loop.last }}
            {%- endfor %}
    left join statuts as electricite on uniques.statut_electricite_publie = electricite.statut_publie
    left join statuts as natran on uniques.statut_gaz_natran_publie = natran.statut_publie
    left join statuts as terega on uniques.statut_gaz_terega_publie = terega.statut_publie

)

select * from final
{%- endmacro %}
