{#- Where a measure has its days: table, code of the territory, condition for a whole day. -#}
{%- set sources = {
    'production': ('mart_mix_bilan_jour', 'code_territoire', 'est_complet'),
    'stock_gaz': ('mart_stock_gaz_national', "'FR'", 'est_complet'),
    'echanges': ('int_quotidien_national', "'FR'", 'est_complet_echanges'),
    'temperature': ('fct_temperature_regionale', 'code_region', 'temperature_moyenne_c is not null'),
} -%}
{#- For each energy: the flag, the readings that lack, and those that the day lasts. -#}
{%- set energies = {
    'electricite': ('demi_heures_electricite_manquantes', 'demi_heures_theoriques', 48),
    'gaz': ('heures_gaz_manquantes', 'heures_gaz_theoriques', 24),
} -%}
with

dates as (

    select
        date,
        annee,
        mois,
        saison,
        -- A winter is named after the year of its January.
        case when mois_de_annee = 12 then annee + 1 else annee end as annee_saison
    from {{ ref('dim_date') }}

),

-- Years of the calendar.
bornes as (

    select
        min(annee) as premiere,
        max(annee) as derniere
    from dates

),

presents as (

    {%- for energie, (manquantes, theoriques, imprimees) in energies.items() %}
    -- The repeated hour of October is never published: its day lasts longer than what is printed of it, and is whole.
    select
        'consommation_{{ energie }}' as mesure,
        code_territoire,
        date
    from {{ ref('mart_completude_jour') }}
    where
        est_complet_{{ energie }}
        or ({{ theoriques }} > {{ imprimees }} and {{ manquantes }} <= {{ theoriques }} - {{ imprimees }})
    union all
    {%- endfor %}
    {%- for mesure, (table, territoire, est_entier) in sources.items() %}
    select
        '{{ mesure }}' as mesure,
        {{ territoire }} as code_territoire,
        date
    from {{ ref(table) }}
    where {{ est_entier }}
    union all
    {%- endfor %}
    -- The temperature of France is the mean of its thirteen régions.
    select
        'temperature' as mesure,
        'FR' as code_territoire,
        date
    from {{ ref('fct_temperature_regionale') }}
    group by date
    having count(temperature_moyenne_c) = 13

),

calendrier as (

    select
        'mois' as type_periode,
        mois as periode,
        date
    from dates
    union all
    select
        'saison' as type_periode,
        dates.saison || ' ' || cast(dates.annee_saison as string) as periode,
        dates.date
    from dates
    cross join bornes
    where {{ saison_entiere('dates.saison', 'dates.annee_saison', 'bornes.premiere', 'bornes.derniere') }}
    union all
    select
        'annee' as type_periode,
        cast(annee as string) as periode,
        date
    from dates

),

-- From all civil days, so that a period under way has its true end.
periodes as (

    select
        type_periode,
        periode,
        min(date) as debut,
        max(date) as fin,
        count(*) as jours_attendus
    from calendrier
    group by type_periode, periode

),

civiles as (

    select
        presents.mesure,
        presents.code_territoire,
        calendrier.type_periode,
        calendrier.periode,
        count(*) as jours_presents
    from presents
    inner join calendrier on presents.date = calendrier.date
    group by presents.mesure, presents.code_territoire, calendrier.type_periode, calendrier.periode

),

derniers_jours as (

    select
        mesure,
        code_territoire,
        max(date) as fin
    from presents
    group by mesure, code_territoire

),

ensemble as (

    select
        civiles.mesure,
        civiles.code_territoire,
        civiles.type_periode,
        civiles.periode,
        periodes.debut,
        periodes.fin,
        periodes.jours_attendus,
        civiles.jours_presents
    from civiles
    inner join periodes on civiles.type_periode = periodes.type_periode and civiles.periode = periodes.periode
    {%- for jours in [30, 365] %}
    union all
    select
        presents.mesure,
        presents.code_territoire,
        '{{ jours }}_jours' as type_periode,
        '{{ jours }} derniers jours' as periode,
        {{ jour_plus('derniers_jours.fin', 1 - jours) }} as debut,
        derniers_jours.fin,
        {{ jours }} as jours_attendus,
        count(*) as jours_presents
    from presents
    inner join derniers_jours
        on
            presents.mesure = derniers_jours.mesure
            and presents.code_territoire = derniers_jours.code_territoire
            and presents.date >= {{ jour_plus('derniers_jours.fin', 1 - jours) }}
    group by presents.mesure, presents.code_territoire, derniers_jours.fin
    {%- endfor %}

),

final as (

    select
        mesure,
        case when code_territoire = 'FR' then 'nation' else 'region' end as maille,
        code_territoire,
        type_periode,
        periode,
        debut,
        fin,
        cast(jours_attendus as integer) as jours_attendus,
        cast(jours_presents as integer) as jours_presents,
        jours_presents = jours_attendus as est_complete
    from ensemble

)

select * from final
