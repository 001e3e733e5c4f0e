with recursive

communes as (

    select * from {{ ref('stg_insee__code_officiel_geographique_communes') }}

),

couples as (

    select * from {{ ref('int_commune_evenements') }}

),

-- What a code becomes at each of its events: itself if it survives, the one commune that it joins, or null if its
-- territory was divided.
evenements as (

    select
        code_avant,
        date_effet,
        nombre_communes_apres,
        case when nombre_communes_apres = 1 then min(code_apres) else max(code_conserve) end as code_suivant,
        lag(date_effet) over (partition by code_avant order by date_effet) as date_precedente
    from couples
    group by code_avant, date_effet, nombre_communes_apres

),

codes as (

    select code_commune from communes
    union distinct
    select code_avant as code_commune from couples
    union distinct
    select code_apres as code_commune from couples

),

-- A code means the same between two of its events; its successor is sought from the day after each event.
departs as (

    select
        code_commune,
        cast('0001-01-01' as date) as depuis
    from codes
    union distinct
    select
        code_avant as code_commune,
        {{ jour_plus('date_effet', 1) }} as depuis
    from evenements

),

parcours as (

    select
        code_commune as code_depart,
        depuis as depuis_depart,
        code_commune,
        depuis,
        cast(null as date) as date_scission,
        0 as etape
    from departs

    union all

    -- A split that gives back the code from which the search began has separated nothing from it.
    select
        parcours.code_depart,
        parcours.depuis_depart,
        coalesce(retrouves.code_apres, evenements.code_suivant) as code_commune,
        -- The commune reached may have another event on the same day: a change of département and a merger.
        case
            when coalesce(retrouves.code_apres, evenements.code_suivant) = evenements.code_avant
                then {{ jour_plus('evenements.date_effet', 1) }}
            else evenements.date_effet
        end as depuis,
        case
            when evenements.nombre_communes_apres > 1 and retrouves.code_apres is null then evenements.date_effet
            else parcours.date_scission
        end as date_scission,
        parcours.etape + 1 as etape
    from parcours
    inner join evenements
        on
            parcours.code_commune = evenements.code_avant
            and parcours.depuis <= evenements.date_effet
            and (evenements.date_precedente is null or parcours.depuis > evenements.date_precedente)
    left join couples as retrouves
        on
            evenements.code_avant = retrouves.code_avant
            and evenements.date_effet = retrouves.date_effet
            and parcours.code_depart = retrouves.code_apres
            and evenements.nombre_communes_apres > 1
            and retrouves.code_apres <> retrouves.code_avant
    -- Far more events than any commune has had: a cycle in the file must not run for ever.
    where parcours.etape < 30

),

derniers_pas as (

    select *
    from parcours
    qualify row_number() over (partition by code_depart, depuis_depart order by etape desc) = 1

),

arrivees as (

    select
        *,
        lead(depuis_depart) over (partition by code_depart order by depuis_depart) as depuis_suivant
    from derniers_pas

),

derniere_edition as (

    select max(millesime) as millesime from communes

),

actuelles as (

    select distinct communes.code_commune
    from communes
    inner join derniere_edition on communes.millesime = derniere_edition.millesime
    where communes.type_commune = 'COM'

),

-- The commune to which a municipal arrondissement, an associated or a delegated commune last belonged.
rattachements as (

    select
        code_commune,
        code_commune_parent,
        cast(millesime || '-01-02' as date) as depuis
    from communes
    where type_commune <> 'COM'
    qualify row_number() over (
        partition by code_commune order by millesime desc, type_commune asc, code_commune_parent asc
    ) = 1

),

trouvees as (

    select
        arrivees.code_depart as code_commune,
        arrivees.depuis_depart,
        arrivees.depuis_suivant,
        coalesce(actuelles.code_commune, actuelles_des_parents.code_commune) as code_commune_actuelle,
        coalesce(arrivees.date_scission, parents.date_scission) as date_scission
    from arrivees
    left join actuelles on arrivees.code_commune = actuelles.code_commune
    left join rattachements
        on arrivees.code_commune = rattachements.code_commune and actuelles.code_commune is null
    left join arrivees as parents
        on
            rattachements.code_commune_parent = parents.code_depart
            and rattachements.depuis >= parents.depuis_depart
            and (parents.depuis_suivant is null or rattachements.depuis < parents.depuis_suivant)
    left join actuelles as actuelles_des_parents on parents.code_commune = actuelles_des_parents.code_commune

),

-- Publishers go on using an ended code for a while: it keeps its last successor.
prolongees as (

    select
        *,
        case
            when code_commune_actuelle is null and depuis_suivant is null
                then lag(code_commune_actuelle) over (partition by code_commune order by depuis_depart)
            else code_commune_actuelle
        end as code_prolonge,
        case
            when code_commune_actuelle is null and depuis_suivant is null
                then lag(date_scission) over (partition by code_commune order by depuis_depart)
            else date_scission
        end as scission_prolongee
    from trouvees

),

-- By vintage, the state on 1 January after the events of that day: an event of 1 January 2019 is in the vintage of
-- 2019, one of 2 January 2019 in that of 2020.
en_millesimes as (

    select
        code_commune,
        case
            when depuis_depart = cast('0001-01-01' as date) then 0
            else cast(extract(year from {{ jour_plus('depuis_depart', -2) }}) as integer) + 1
        end as premier_millesime,
        case
            when depuis_suivant is null then 9999
            else cast(extract(year from {{ jour_plus('depuis_suivant', -2) }}) as integer)
        end as dernier_millesime,
        code_prolonge as code_commune_actuelle,
        cast(extract(year from {{ jour_plus('scission_prolongee', -1) }}) as integer) + 1 as millesime_scission,
        scission_prolongee is not null as est_scindee
    from prolongees

),

final as (

    select * from en_millesimes
    -- No vintage falls between two events of the same year.
    where premier_millesime <= dernier_millesime

)

select * from final
