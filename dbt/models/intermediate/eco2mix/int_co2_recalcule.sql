{%- set filieres = ['nucleaire', 'eolien', 'solaire', 'hydraulique', 'bioenergies', 'gaz', 'charbon', 'fioul'] -%}
{%- set sous_filieres = {
    'fioul': ['fioul_tac', 'fioul_cogen', 'fioul_autres'],
    'gaz': ['gaz_tac', 'gaz_cogen', 'gaz_ccg', 'gaz_autres'],
    'bioenergies': ['bioenergies_dechets', 'bioenergies_biomasse', 'bioenergies_biogaz'],
} -%}
with

-- Null as soon as one filière is null: the rate of a part of the production is not the rate of the whole.
lectures as (

    select
        *,
        {{ filieres | join('_mw + ') }}_mw as production_mw
    from {{ ref('fct_eco2mix_national') }}
    where not est_heure_fictive

),

facteurs as (

    select * from {{ ref('dim_facteur_co2') }}

),

-- Sub-filières do not always add up to their filière (up to 857 MW of gas in December 2021): the difference, and a
-- sub-filière that is not published, get the factor of the filière.
emissions as (

    select
        lectures.mois,
        lectures.date_locale,
        lectures.heure_locale,
        cast(extract(year from lectures.date_locale) as integer) as annee,
        lectures.statut,
        facteurs.regime,
        facteurs.est_verifie,
        lectures.taux_co2_g_par_kwh,
        lectures.production_mw,
        lectures.production_mw * lectures.pas_minutes / 60e0 as production_mwh,
        case when facteurs.est_pompage_deduit then lectures.pompage_mw else 0 end as pompage_deduit_mw,
        facteurs.charbon_g_par_kwh * lectures.charbon_mw
        {%- for filiere, parties in sous_filieres.items() %}
        + facteurs.{{ filiere }}_g_par_kwh * lectures.{{ filiere }}_mw
        {%- for partie in parties %}
        + case
            when lectures.{{ partie }}_mw is null then 0
            else (facteurs.{{ partie }}_g_par_kwh - facteurs.{{ filiere }}_g_par_kwh) * lectures.{{ partie }}_mw
        end
        {%- endfor %}
        {%- endfor %} as emissions_kg_par_h
    from lectures
    left join facteurs
        on
            lectures.statut = facteurs.statut
            and lectures.date_locale >= facteurs.debut
            and (facteurs.fin is null or lectures.date_locale <= facteurs.fin)

),

final as (

    select
        mois,
        date_locale,
        heure_locale,
        annee,
        statut,
        regime,
        est_verifie,
        production_mwh,
        taux_co2_g_par_kwh,
        emissions_kg_par_h / nullif(production_mw + pompage_deduit_mw, 0) as taux_co2_recalcule_g_par_kwh
    from emissions

)

select * from final
