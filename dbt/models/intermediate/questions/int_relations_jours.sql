{#- Capacity of the storages: on 15 January 2023 they held 106.1 TWh, and GRTgaz called it 80 %. -#}
{%- set capacite_gwh = 132600 -%}
{#- Full: the law requires 85 % on 1 November. -#}
{%- set plein_pct = 85 -%}
{%- set filieres = ['nucleaire', 'gaz', 'charbon', 'fioul', 'eolien', 'solaire', 'hydraulique', 'bioenergies'] -%}
with

jours_douteux as (

    select date from {{ ref('int_eco2mix_jours_douteux') }}

),

-- An incomplete day is a minimum and would look like a low value; a doubtful day is not used.
jours as (

    select
        jours.date,
        dates.saison,
        dates.mois_de_annee,
        {%- for mesure in ['consommation', 'production'] + filieres + ['ech_physiques'] %}
        case when jours.est_complet_electricite and douteux.date is null then jours.{{ mesure }}_mwh end
            as {{ mesure }}_mwh,
        {%- endfor %}
        {%- for mesure in ['export', 'import', 'solde'] %}
        case when jours.est_complet_echanges then jours.{{ mesure }}_commercial_mwh end as {{ mesure }}_commercial_mwh,
        {%- endfor %}
        jours.stock_gaz_gwh,
        jours.flux_stock_gaz_gwh,
        100 * jours.stock_gaz_gwh / {{ capacite_gwh }} as remplissage_stock_gaz_pct,
        case when jours.est_complet_temperature then jours.temperature_moyenne_c end as temperature_moyenne_c
    from {{ ref('mart_quotidien_national') }} as jours
    inner join {{ ref('dim_date') }} as dates on jours.date = dates.date
    left join jours_douteux as douteux on jours.date = douteux.date

),

final as (

    select
        jours.date,
        jours.temperature_moyenne_c,
        -- The months in which gas is drawn from storage.
        case when jours.mois_de_annee in (11, 12, 1, 2, 3) then jours.temperature_moyenne_c end
            as temperature_novembre_mars_c,
        jours.stock_gaz_gwh,
        jours.flux_stock_gaz_gwh,
        jours.remplissage_stock_gaz_pct,
        case
            when jours.remplissage_stock_gaz_pct >= {{ plein_pct }} then 1.0
            when jours.remplissage_stock_gaz_pct < {{ plein_pct }} then 0.0
        end as est_stock_gaz_plein,
        {%- for mesure in ['consommation', 'production'] + filieres %}
        jours.{{ mesure }}_mwh,
        {%- endfor %}
        jours.export_commercial_mwh,
        jours.import_commercial_mwh,
        jours.solde_commercial_mwh,
        jours.ech_physiques_mwh,
        case when jours.saison = 'hiver' then 1.0 else 0.0 end as est_hiver,
        case when jours.saison = 'printemps' then 1.0 else 0.0 end as est_printemps,
        case when jours.saison = 'été' then 1.0 else 0.0 end as est_ete,
        case when jours.saison = 'automne' then 1.0 else 0.0 end as est_automne
    from jours

)

select * from final
