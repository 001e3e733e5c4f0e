with

energies as (

    select
        mix.maille,
        mix.code_territoire,
        mix.date,
        mix.filiere,
        mix.energie_mwh,
        mix.nombre_lectures,
        filieres.est_production,
        filieres.est_bas_carbone,
        filieres.est_renouvelable,
        filieres.facteur_co2_g_par_kwh
    from {{ ref('int_mix_jour') }} as mix
    inner join {{ ref('dim_filiere') }} as filieres on mix.filiere = filieres.filiere

),

-- What the formula of the rate needs: every filière that is published for France, and pumping.
attendues as (

    select count(*) as nombre_filieres
    from {{ ref('dim_filiere') }}
    where est_nationale and (est_production or filiere = 'pompage')

),

productions as (

    select
        maille,
        code_territoire,
        date,
        {{ somme_exacte('energie_mwh', 'est_production') }} as production_mwh,
        {{ somme_exacte('energie_mwh', "filiere = 'pompage'") }} as pompage_mwh,
        {{ part_des_filieres('est_bas_carbone') }} as part_bas_carbone_pct,
        {{ part_des_filieres('est_renouvelable') }} as part_renouvelable_pct,
        {{ somme_exacte('energie_mwh * facteur_co2_g_par_kwh', 'est_production') }} as emissions_kg,
        min(nombre_lectures) as lectures_min,
        max(nombre_lectures) as lectures_max,
        count(*) as nombre_filieres
    from energies
    group by maille, code_territoire, date

),

lectures as (

    select
        'FR' as code_territoire,
        date_locale as date,
        pas_minutes / 60.0 as pas_heures,
        energie_consommation_mwh,
        taux_co2_g_par_kwh,
        (
            nucleaire_mw + gaz_mw + charbon_mw + fioul_mw + eolien_mw + solaire_mw + hydraulique_mw + bioenergies_mw
            + pompage_mw
        ) * pas_minutes / 60.0 as energie_nette_mwh
    from {{ ref('fct_eco2mix_national') }}
    where not est_heure_fictive
    union all
    select
        code_region as code_territoire,
        date_locale as date,
        pas_minutes / 60.0 as pas_heures,
        energie_consommation_mwh,
        cast(null as double) as taux_co2_g_par_kwh,
        cast(null as double) as energie_nette_mwh
    from {{ ref('fct_eco2mix_regional') }}
    where not est_heure_fictive

),

consommations as (

    select
        code_territoire,
        date,
        {{ somme_exacte('energie_consommation_mwh') }} as consommation_mwh,
        count(energie_consommation_mwh) as nombre_lectures,
        coalesce(sum(pas_heures) filter (where energie_consommation_mwh is not null), 0) as heures_lues_h,
        {{ somme_exacte('taux_co2_g_par_kwh * energie_nette_mwh') }}
        / nullif({{ somme_exacte('energie_nette_mwh', 'taux_co2_g_par_kwh is not null') }}, 0)
            as taux_co2_publie_g_par_kwh
    from lectures
    group by code_territoire, date

),

final as (

    select
        productions.maille,
        productions.code_territoire,
        productions.date,
        productions.production_mwh,
        consommations.consommation_mwh,
        productions.pompage_mwh,
        productions.part_bas_carbone_pct,
        productions.part_renouvelable_pct,
        100 * productions.production_mwh / nullif(consommations.consommation_mwh, 0) as taux_couverture_pct,
        -- Neither for a region, whose gas, coal and oil are one figure, nor when a filière was read less often.
        case
            when
                productions.maille = 'nation'
                and productions.lectures_min = productions.lectures_max
                and productions.nombre_filieres = attendues.nombre_filieres
                then productions.emissions_kg / nullif(productions.production_mwh + productions.pompage_mwh, 0)
        end as taux_co2_g_par_kwh,
        consommations.taux_co2_publie_g_par_kwh,
        coalesce(consommations.heures_lues_h, 0) as heures_lues_h,
        -- The repeated hour of October is published once: its day is whole with 24 hours.
        coalesce(
            consommations.heures_lues_h between least(24, dates.nombre_heures) and dates.nombre_heures
            and productions.lectures_min >= consommations.nombre_lectures,
            false
        ) as est_complet
    from productions
    cross join attendues
    inner join {{ ref('dim_date') }} as dates on productions.date = dates.date
    left join consommations
        on
            productions.code_territoire = consommations.code_territoire
            and productions.date = consommations.date

)

select * from final
