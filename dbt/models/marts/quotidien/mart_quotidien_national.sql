{%- set electricite = [
    'consommation', 'production', 'nucleaire', 'gaz', 'charbon', 'fioul', 'eolien', 'solaire', 'hydraulique', 'bioenergies',
    'pompage', 'batteries', 'ech_physiques',
] -%}
with

calcules as (

    select * from {{ ref('int_quotidien_national') }}

),

gaz as (

    select
        stock.date,
        stock.stock_gwh,
        stock.stock_gwh - veille.stock_gwh as flux_gwh,
        stock.est_complet
    from {{ ref('mart_stock_gaz_national') }} as stock
    left join {{ ref('mart_stock_gaz_national') }} as veille on stock.date = {{ jour_plus('veille.date', 1) }}

),

jours_entiers as (

    {%- for source, nom in [
        ('electricite', 'électricité'), ('echanges', 'échanges'), ('temperature', 'température'),
    ] %}
    select
        '{{ nom }}' as source,
        date
    from calcules
    where est_complet_{{ source }}
    union all
    {%- endfor %}
    select
        'gaz' as source,
        date
    from gaz
    where est_complet

),

-- Each source ends with its own last complete day: after that its columns are null rather than half a day.
fins as (

    select
        max(case when source = 'électricité' then date end) as electricite,
        max(case when source = 'échanges' then date end) as echanges,
        max(case when source = 'gaz' then date end) as gaz,
        max(case when source = 'température' then date end) as temperature
    from jours_entiers

),

jours as (

    select date from calcules
    union
    select date from gaz

),

final as (

    select
        jours.date,
        electricite.statut_electricite,
        electricite.heures_electricite_lues_h,
        electricite.est_complet_electricite,
        {%- for mesure in electricite %}
        electricite.{{ mesure }}_mwh,
        {%- endfor %}
        electricite.taux_co2_g_par_kwh,
        echanges.export_commercial_mwh,
        echanges.import_commercial_mwh,
        echanges.export_commercial_mwh + echanges.import_commercial_mwh as solde_commercial_mwh,
        echanges.est_complet_echanges,
        gaz.stock_gwh as stock_gaz_gwh,
        gaz.flux_gwh as flux_stock_gaz_gwh,
        gaz.est_complet as est_complet_gaz,
        temperatures.temperature_moyenne_c,
        temperatures.degres_jours_base_18_c,
        temperatures.degres_jours_base_17_c,
        temperatures.est_complet_temperature
    from jours
    cross join fins
    left join calcules as electricite on jours.date = electricite.date and fins.electricite >= electricite.date
    left join calcules as echanges on jours.date = echanges.date and fins.echanges >= echanges.date
    left join gaz on jours.date = gaz.date and fins.gaz >= gaz.date
    left join calcules as temperatures on jours.date = temperatures.date and fins.temperature >= temperatures.date

)

select * from final
