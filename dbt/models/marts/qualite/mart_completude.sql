with

dates as (

    select
        date,
        nombre_heures,
        est_jour_changement_heure,
        {{ mois_de(jour_plus('date', 1)) }} <> mois as est_fin_de_mois
    from {{ ref('dim_date') }}

),

-- Readings of each day, at the published step.
consommation as (

    select
        jeu,
        code_territoire,
        date,
        demi_heures_electricite as presentes,
        demi_heures_theoriques as attendues
    from {{ ref('mart_completude_jour') }}

),

consommation_gaz as (

    select
        jeu || '_gaz' as jeu,
        code_territoire,
        date,
        heures_gaz as presentes,
        heures_gaz_theoriques as attendues
    from {{ ref('mart_completude_jour') }}

),

lus as (

    select
        jeu,
        code_territoire,
        date,
        demi_heures_lues as presentes
    from {{ ref('int_eco2mix_demi_heures_lues') }}
    union all
    select
        'temperature_regionale' as jeu,
        code_region as code_territoire,
        date,
        cast(count(temperature_moyenne_c) as integer) as presentes
    from {{ ref('fct_temperature_regionale') }}
    group by code_region, date
    union all
    select
        'stock_gaz' as jeu,
        'FR' as code_territoire,
        date,
        cast(count(stock_gwh) as integer) as presentes
    from {{ ref('fct_stock_gaz') }}
    group by date
    union all
    select
        'echanges_commerciaux' as jeu,
        'FR' as code_territoire,
        date,
        cast(count(solde_mw) as integer) as presentes
    from {{ ref('fct_echanges_commerciaux') }}
    group by date

),

periodes as (

    select
        jeu,
        min(date) as premier_jour,
        max(date) as dernier_jour
    from lus
    where presentes > 0
    group by jeu

),

territoires as (

    select distinct
        jeu,
        code_territoire
    from lus

),

pits_attendus as (

    select cast(count(distinct pits) as integer) as nombre from {{ ref('pits') }}

),

-- Expected counts come from the calendar, never from a list kept by hand.
autres as (

    select
        territoires.jeu,
        territoires.code_territoire,
        dates.date,
        coalesce(lus.presentes, 0) as presentes,
        case territoires.jeu
            when 'temperature_regionale' then 1
            when 'stock_gaz' then pits_attendus.nombre
            when 'echanges_commerciaux' then 5 * dates.nombre_heures
            else 2 * dates.nombre_heures
        end as attendues
    from territoires
    inner join periodes on territoires.jeu = periodes.jeu
    inner join dates on dates.date between periodes.premier_jour and periodes.dernier_jour
    cross join pits_attendus
    left join lus
        on
            territoires.jeu = lus.jeu
            and territoires.code_territoire = lus.code_territoire
            and dates.date = lus.date
    -- The last day of an hourly set is in progress: it is not a gap yet.
    where dates.date < periodes.dernier_jour or territoires.jeu in ('temperature_regionale', 'stock_gaz')

),

jours as (

    select * from consommation
    union all
    select * from consommation_gaz
    union all
    select * from autres

),

-- Gas is not a gap in a set that never has any: its sum over the whole history is zero.
suivis as (

    select jeu
    from jours
    group by jeu
    having sum(presentes) > 0

),

-- The data sets behind each set, and what is not served as it arrived.
jeux as (

    select
        jeu,
        jeu_de_donnees
    from (
        values
        ('consommation_nationale', 'consommation-quotidienne-brute'),
        ('consommation_nationale_gaz', 'consommation-quotidienne-brute'),
        ('consommation_regionale', 'consommation-quotidienne-brute-regionale'),
        ('consommation_regionale_gaz', 'consommation-quotidienne-brute-regionale'),
        ('eco2mix_national', 'eco2mix-national-tr'),
        ('eco2mix_national', 'eco2mix-national-cons-def'),
        ('eco2mix_regional', 'eco2mix-regional-tr'),
        ('eco2mix_regional', 'eco2mix-regional-cons-def'),
        ('temperature_regionale', 'temperature-quotidienne-regionale'),
        ('stock_gaz', 'stock-quotidien-stockages-gaz'),
        ('echanges_commerciaux', 'imports-exports-commerciaux')
    ) as noms (jeu, jeu_de_donnees)

),

ecartes as (

    select distinct
        jeux.jeu,
        quarantaine.partition
    from {{ ref('meta_quarantaine') }} as quarantaine
    inner join jeux on quarantaine.jeu_de_donnees = jeux.jeu_de_donnees
    where quarantaine.statut = 'en quarantaine'

),

manques as (

    select
        jours.jeu,
        jours.code_territoire,
        jours.date,
        jours.presentes,
        jours.attendues,
        case
            when exists (
                select 1 from ecartes
                where
                    ecartes.jeu = jours.jeu
                    and substr(cast(jours.date as string), 1, length(ecartes.partition)) = ecartes.partition
            ) then 'en quarantaine'
            when
                dates.est_jour_changement_heure
                and dates.nombre_heures = 25
                and jours.attendues - jours.presentes <= case
                    when jours.jeu in ('temperature_regionale', 'stock_gaz') then 0
                    when jours.jeu = 'echanges_commerciaux' then 5
                    when jours.jeu like 'consommation%gaz' then 1
                    else 2
                end
                then 'heure répétée non publiée'
            when jours.jeu = 'temperature_regionale' and dates.est_fin_de_mois then 'fin de mois non publiée'
            when jours.presentes = 0 then 'jour absent'
            else 'lecture absente'
        end as cause
    from jours
    inner join suivis on jours.jeu = suivis.jeu
    inner join dates on jours.date = dates.date
    where jours.presentes < jours.attendues

),

-- Consecutive days with the same cause make one gap: day and rank advance together within it.
rangs as (

    select
        *,
        row_number() over (partition by jeu, code_territoire, cause order by date) as rang
    from manques

),

final as (

    select
        jeu,
        code_territoire,
        cause,
        min(date) as premier_jour,
        max(date) as dernier_jour,
        cast(count(*) as integer) as nombre_jours,
        cast(sum(attendues) as integer) as nombre_valeurs_attendues,
        cast(sum(presentes) as integer) as nombre_valeurs_presentes,
        cast(sum(attendues - presentes) as integer) as nombre_valeurs_manquantes
    from rangs
    group by jeu, code_territoire, cause, {{ jour_plus('date', '-rang') }}

)

select * from final
