{#- The publisher leaves out up to thirteen month ends in a year, and each costs three smoothed days: about 326 days
    are left. -#}
{%- set jours_au_moins = 320 -%}
with

regions as (

    select
        sensibilites.code_territoire as code_region,
        sensibilites.seuil_chauffage_c,
        cast(round(1000 * sensibilites.seuil_chauffage_c) as bigint) as seuil_chauffage_mc,
        sensibilites.gradient_chauffage_mw_par_c,
        sensibilites.gradient_chauffage_ic95_bas_mw_par_c,
        sensibilites.gradient_chauffage_ic95_haut_mw_par_c,
        sensibilites.gradient_chauffage_kwh_jour_c_logement
    from {{ ref('mart_thermosensibilite') }} as sensibilites
    where
        sensibilites.maille = 'region'
        and sensibilites.energie = 'electricite'
        and sensibilites.periode = 'ensemble'
        and sensibilites.est_fiable

),

durees as (

    select
        annee,
        count(*) as nombre_jours_de_annee
    from {{ ref('dim_date') }}
    group by annee

),

-- Cold of a year in a région, on the days whose consumption is known. Whole numbers, so that sums are exact.
froids as (

    select
        jours.code_territoire as code_region,
        jours.annee,
        count(*) as nombre_jours,
        cast(
            sum(greatest(regions.seuil_chauffage_mc - jours.temperature_mc, 0)) as double
        ) / 1000 as degres_jours_c,
        cast(sum(jours.puissance_kw * jours.nombre_heures) as double) / 1000 as energie_mwh
    from {{ ref('int_thermosensibilite_jours') }} as jours
    inner join regions on jours.code_territoire = regions.code_region
    where jours.maille = 'region' and jours.energie = 'electricite'
    group by jours.code_territoire, jours.annee

),

-- The consumption that the gradient attributes to that cold, as a share of what the région used on the same days.
annees as (

    select
        regions.code_region,
        froids.annee,
        froids.nombre_jours,
        regions.seuil_chauffage_c,
        -- Unknown days are taken to be as cold as the mean of the others.
        froids.degres_jours_c * durees.nombre_jours_de_annee / froids.nombre_jours as degres_jours_c,
        {%- for borne in ['', '_ic95_bas', '_ic95_haut'] %}
        2400 * regions.{{ 'gradient_chauffage' ~ borne ~ '_mw_par_c' }} * froids.degres_jours_c / froids.energie_mwh
            as part_thermosensible_region{{ borne }}_pct,
        {%- endfor %}
        regions.gradient_chauffage_kwh_jour_c_logement as gradient_region_kwh_jour_c_logement,
        regions.gradient_chauffage_ic95_bas_mw_par_c / nullif(regions.gradient_chauffage_mw_par_c, 0) as bas,
        regions.gradient_chauffage_ic95_haut_mw_par_c / nullif(regions.gradient_chauffage_mw_par_c, 0) as haut
    from froids
    inner join regions on froids.code_region = regions.code_region
    inner join durees on froids.annee = durees.annee
    where froids.nombre_jours >= {{ jours_au_moins }} and froids.energie_mwh > 0

),

communes_des_epci as (

    select
        code_epci,
        code_region,
        count(*) as nombre_communes
    from {{ ref('dim_commune') }}
    where est_active and code_epci is not null
    group by code_epci, code_region

),

-- An EPCI may lie in two régions: it takes the one with most of its communes.
regions_des_epci as (

    select
        code_epci,
        code_region
    from communes_des_epci
    qualify row_number() over (partition by code_epci order by nombre_communes desc, code_region asc) = 1

),

territoires as (

    select
        'departement' as maille,
        code_departement as code_territoire,
        nom_departement as nom_territoire,
        code_region
    from {{ ref('dim_departement') }}

    union all

    select
        'epci' as maille,
        epci.code_epci as code_territoire,
        epci.nom_epci as nom_territoire,
        regions_des_epci.code_region
    from {{ ref('dim_epci') }} as epci
    inner join regions_des_epci on epci.code_epci = regions_des_epci.code_epci

    union all

    select
        'commune' as maille,
        code_commune as code_territoire,
        nom_commune as nom_territoire,
        code_region
    from {{ ref('dim_commune') }}

),

consommations as (

    select
        maille,
        code_territoire,
        annee,
        energie_mwh,
        est_secret or nombre_lignes_sans_valeur > 0 as est_minimum
    from {{ ref('fct_consommation_annuelle') }}
    where code_secteur = 'residentiel' and energie = 'electricite'

),

logements as (

    select
        maille,
        code_territoire,
        annee_logements,
        nombre_logements
    from {{ ref('int_logements_par_territoire') }}
    where nombre_logements > 0

),

reunies as (

    select
        consommations.maille,
        consommations.code_territoire,
        territoires.nom_territoire,
        territoires.code_region,
        consommations.annee,
        consommations.energie_mwh as consommation_residentielle_mwh,
        consommations.est_minimum,
        annees.seuil_chauffage_c,
        annees.degres_jours_c,
        annees.nombre_jours,
        annees.part_thermosensible_region_pct,
        annees.part_thermosensible_region_ic95_bas_pct,
        annees.part_thermosensible_region_ic95_haut_pct,
        logements.nombre_logements,
        logements.annee_logements,
        1000 * consommations.energie_mwh / logements.nombre_logements as consommation_kwh_par_logement,
        1000 * regionales.energie_mwh / logements_regionaux.nombre_logements as consommation_region_kwh_par_logement,
        annees.gradient_region_kwh_jour_c_logement * annees.degres_jours_c * logements.nombre_logements / 1000
            as energie_thermosensible_mwh,
        annees.bas,
        annees.haut
    from consommations
    inner join territoires
        on
            consommations.maille = territoires.maille
            and consommations.code_territoire = territoires.code_territoire
    inner join annees on territoires.code_region = annees.code_region and consommations.annee = annees.annee
    left join logements
        on consommations.maille = logements.maille and consommations.code_territoire = logements.code_territoire
    left join logements as logements_regionaux
        on logements_regionaux.maille = 'region' and territoires.code_region = logements_regionaux.code_territoire
    left join consommations as regionales
        on
            regionales.maille = 'region'
            and territoires.code_region = regionales.code_territoire
            and consommations.annee = regionales.annee

),

final as (

    select
        maille,
        code_territoire,
        nom_territoire,
        code_region,
        annee,
        consommation_residentielle_mwh,
        est_minimum,
        seuil_chauffage_c,
        degres_jours_c,
        cast(nombre_jours as integer) as nombre_jours,
        part_thermosensible_region_pct,
        part_thermosensible_region_ic95_bas_pct,
        part_thermosensible_region_ic95_haut_pct,
        part_thermosensible_region_pct * consommation_residentielle_mwh / 100 as energie_thermosensible_au_prorata_mwh,
        nombre_logements,
        cast(annee_logements as integer) as annee_logements,
        consommation_kwh_par_logement,
        100 * (consommation_kwh_par_logement / nullif(consommation_region_kwh_par_logement, 0) - 1)
            as ecart_a_la_region_pct,
        energie_thermosensible_mwh as energie_thermosensible_par_logements_mwh,
        100 * energie_thermosensible_mwh / nullif(consommation_residentielle_mwh, 0) as part_expliquee_pct,
        100 * energie_thermosensible_mwh * bas / nullif(consommation_residentielle_mwh, 0)
            as part_expliquee_ic95_bas_pct,
        100 * energie_thermosensible_mwh * haut / nullif(consommation_residentielle_mwh, 0)
            as part_expliquee_ic95_haut_pct,
        case
            when consommation_residentielle_mwh is null then 'consommation tue ou absente'
            when nombre_logements is null then 'logements inconnus'
        end as motif
    from reunies

)

select * from final
