{#- What régions are ranked by: name of the rank, then quantity and unit, between which the names of the bounds are
    inserted. -#}
{%- set classements = {
    'relatif': ('gradient_chauffage', 'pct_par_c'),
    'par_logement': ('gradient', 'kwh_jour_c_logement'),
} -%}
with

sensibilites as (

    select *
    from {{ ref('mart_thermosensibilite') }}
    where maille = 'region' and periode = 'ensemble'

),

regions as (

    select
        electricite.code_territoire as code_region,
        electricite.nom_territoire as nom_region,
        electricite.debut,
        electricite.fin,
        electricite.gradient_chauffage_mw_par_c as gradient_mw_par_c,
        electricite.gradient_chauffage_ic95_bas_mw_par_c as gradient_ic95_bas_mw_par_c,
        electricite.gradient_chauffage_ic95_haut_mw_par_c as gradient_ic95_haut_mw_par_c,
        electricite.gradient_chauffage_pct_par_c,
        100 * electricite.gradient_chauffage_ic95_bas_mw_par_c / nullif(electricite.puissance_moyenne_mw, 0)
            as gradient_chauffage_ic95_bas_pct_par_c,
        100 * electricite.gradient_chauffage_ic95_haut_mw_par_c / nullif(electricite.puissance_moyenne_mw, 0)
            as gradient_chauffage_ic95_haut_pct_par_c,
        electricite.gradient_chauffage_kwh_jour_c_logement as gradient_kwh_jour_c_logement,
        24000 * electricite.gradient_chauffage_ic95_bas_mw_par_c / nullif(logements.nombre_logements, 0)
            as gradient_ic95_bas_kwh_jour_c_logement,
        24000 * electricite.gradient_chauffage_ic95_haut_mw_par_c / nullif(logements.nombre_logements, 0)
            as gradient_ic95_haut_kwh_jour_c_logement,
        case when gaz.est_fiable then gaz.gradient_chauffage_pct_par_c end as gradient_gaz_pct_par_c,
        case when gaz.est_fiable then gaz.gradient_chauffage_kwh_jour_c_logement end
            as gradient_gaz_kwh_jour_c_logement,
        logements.nombre_logements,
        case when logements.nombre_logements is not null then logements.annee_logements end as annee_logements,
        electricite.est_fiable,
        electricite.motif
    from sensibilites as electricite
    left join sensibilites as gaz
        on electricite.code_territoire = gaz.code_territoire and gaz.energie = 'gaz'
    left join {{ ref('int_logements_par_territoire') }} as logements
        on logements.maille = 'region' and electricite.code_territoire = logements.code_territoire
    where electricite.energie = 'electricite'

),

{% for nom, (grandeur, unite) in classements.items() %}
{%- set mesure, bas, haut = grandeur ~ '_' ~ unite, grandeur ~ '_ic95_bas_' ~ unite, grandeur ~ '_ic95_haut_' ~ unite %}
-- Rank of a région, with its best and worst: only a région whose interval does not overlap surely ranks before it.
-- Rounded, so that the last digits decide nothing.
classement_{{ nom }} as (

    select
        region.code_region,
        1 + count(*) filter (where round(autre.{{ mesure }}, 6) > round(region.{{ mesure }}, 6)) as rang,
        1 + count(*) filter (where autre.{{ bas }} > region.{{ haut }}) as meilleur,
        count(*) - count(*) filter (where autre.{{ haut }} < region.{{ bas }}) as pire
    from regions as region
    inner join regions as autre on autre.est_fiable and autre.{{ mesure }} is not null
    where region.est_fiable and region.{{ mesure }} is not null
    group by region.code_region

),
{% endfor %}

-- The ranking is per dwelling as soon as dwellings are known wherever the gradient is: it never mixes two measures.
criteres as (

    select
        case
            when
                count(*) filter (where est_fiable and nombre_logements is null) = 0
                and count(*) filter (where est_fiable) > 0
                then 'par logement'
            else 'relatif'
        end as critere
    from regions

),

final as (

    select
        regions.code_region,
        regions.nom_region,
        {%- for rang, nom in [('rang', 'rang'), ('meilleur', 'rang_ic95_meilleur'), ('pire', 'rang_ic95_pire')] %}
        cast(
            case
                when criteres.critere = 'par logement' then classement_par_logement.{{ rang }}
                else classement_relatif.{{ rang }}
            end as integer
        ) as {{ nom }},
        {%- endfor %}
        criteres.critere,
        regions.gradient_chauffage_pct_par_c,
        regions.gradient_chauffage_ic95_bas_pct_par_c,
        regions.gradient_chauffage_ic95_haut_pct_par_c,
        cast(classement_relatif.rang as integer) as rang_relatif,
        cast(classement_relatif.meilleur as integer) as rang_relatif_ic95_meilleur,
        cast(classement_relatif.pire as integer) as rang_relatif_ic95_pire,
        regions.gradient_kwh_jour_c_logement,
        regions.gradient_ic95_bas_kwh_jour_c_logement,
        regions.gradient_ic95_haut_kwh_jour_c_logement,
        cast(classement_par_logement.rang as integer) as rang_par_logement,
        cast(classement_par_logement.meilleur as integer) as rang_par_logement_ic95_meilleur,
        cast(classement_par_logement.pire as integer) as rang_par_logement_ic95_pire,
        regions.gradient_mw_par_c,
        regions.gradient_ic95_bas_mw_par_c,
        regions.gradient_ic95_haut_mw_par_c,
        regions.gradient_gaz_pct_par_c,
        regions.gradient_gaz_kwh_jour_c_logement,
        regions.nombre_logements,
        cast(regions.annee_logements as integer) as annee_logements,
        regions.debut,
        regions.fin,
        regions.est_fiable,
        regions.motif
    from regions
    cross join criteres
    left join classement_relatif on regions.code_region = classement_relatif.code_region
    left join classement_par_logement on regions.code_region = classement_par_logement.code_region

)

select * from final
