with

communes as (

    select * from {{ ref('stg_insee__code_officiel_geographique_communes') }}

),

mouvements as (

    select * from {{ ref('stg_insee__code_officiel_geographique_mouvements') }}

),

dernier_fichier as (

    select max(millesime) as millesime from mouvements

),

derniere_edition as (

    select cast(max(millesime) || '-01-01' as date) as date_edition from communes

),

-- The newest edition holds the whole history. Communes only: events of associated and delegated ones change no
-- commune.
publies as (

    select
        mouvements.date_effet,
        mouvements.code_avant,
        mouvements.code_apres
    from mouvements
    inner join dernier_fichier on mouvements.millesime = dernier_fichier.millesime
    where mouvements.type_avant = 'COM' and mouvements.type_apres = 'COM'

),

suites as (

    select
        millesime,
        lag(millesime) over (order by millesime) as precedent
    from communes
    group by millesime

),

-- What a comparison of two editions shows where the file of events is missing or older: a commune that became an
-- associated or delegated one (a merger), or the reverse (a split).
editions as (

    select
        suites.millesime,
        suites.precedent
    from suites
    cross join dernier_fichier
    where dernier_fichier.millesime is null or suites.millesime > dernier_fichier.millesime

),

fusions as (

    select
        cast(editions.millesime || '-01-01' as date) as date_effet,
        apres.code_commune as code_avant,
        apres.code_commune_parent as code_apres
    from editions
    inner join communes as apres
        on editions.millesime = apres.millesime and apres.type_commune in ('COMA', 'COMD')
    inner join communes as avant
        on
            editions.precedent = avant.millesime
            and avant.type_commune = 'COM'
            and apres.code_commune = avant.code_commune

),

retablies as (

    select
        cast(editions.millesime || '-01-01' as date) as date_effet,
        avant.code_commune_parent as code_avant,
        apres.code_commune as code_apres
    from editions
    inner join communes as avant
        on editions.precedent = avant.millesime and avant.type_commune in ('COMA', 'COMD')
    inner join communes as apres
        on
            editions.millesime = apres.millesime
            and apres.type_commune = 'COM'
            and avant.code_commune = apres.code_commune
    inner join communes as amputee
        on
            editions.millesime = amputee.millesime
            and amputee.type_commune = 'COM'
            and avant.code_commune_parent = amputee.code_commune

),

reunis as (

    select * from publies
    union distinct
    select * from fusions
    union distinct
    select * from retablies
    union distinct
    select
        date_effet,
        code_avant,
        code_avant as code_apres
    from retablies

),

-- An event after the newest edition would lead to communes that no edition has.
comptes as (

    select
        reunis.code_avant,
        reunis.date_effet,
        reunis.code_apres,
        count(*) over (partition by reunis.code_avant, reunis.date_effet) as nombre_communes_apres,
        max(case when reunis.code_apres = reunis.code_avant then reunis.code_avant end)
            over (partition by reunis.code_avant, reunis.date_effet) as code_conserve
    from reunis
    inner join derniere_edition on reunis.date_effet <= derniere_edition.date_edition

),

final as (

    select * from comptes
    -- A commune that only changes its name, or absorbs another, stays the same commune.
    where nombre_communes_apres > 1 or code_conserve is null

)

select * from final
