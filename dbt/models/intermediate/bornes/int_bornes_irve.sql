with

fiches as (

    select * from {{ ref('stg_irve__bornes_de_recharge_irve') }}

),

codes as (

    select
        code_commune,
        code_commune_repliee,
        {{ nom_de_commune_comparable('nom_commune') }} as nom,
        substr(code_commune, 1, case when code_commune like '97%' then 3 else 2 end) as code_departement,
        est_active
    from {{ ref('dim_commune') }}
    where code_commune_repliee is not null

),

-- The commune that a name means in a département: the one that bears it today, or else the one into which all that have
-- borne it have gone; two communes of one name are none.
noms as (

    select
        code_departement,
        nom,
        coalesce(
            max(case when est_active then code_commune_repliee end), max(code_commune_repliee)
        ) as code_commune
    from codes
    where nom is not null
    group by code_departement, nom
    having
        count(distinct case when est_active then code_commune_repliee end) = 1
        or (max(case when est_active then 1 else 0 end) = 0 and count(distinct code_commune_repliee) = 1)

),

geographie as (

    select count(*) > 0 as est_chargee
    from codes

),

trouvees as (

    select
        fiches.*,
        par_code.code_commune_repliee as commune_du_code,
        coalesce(par_consolidation.code_commune, par_adresse.code_commune) as commune_du_nom,
        par_consolidation.code_commune is not null as est_nomme_par_la_consolidation,
        geographie.est_chargee,
        departements.code_departement as departement_dit
    from fiches
    cross join geographie
    left join codes as par_code
        on coalesce(fiches.code_arrondissement, fiches.code_lu) = par_code.code_commune
    left join noms as par_consolidation
        on
            {{ departement_du_code_postal('fiches.code_postal_consolide') }} = par_consolidation.code_departement
            and fiches.nom_consolide = par_consolidation.nom
    left join noms as par_adresse
        on
            {{ departement_du_code_postal('fiches.code_postal_adresse') }} = par_adresse.code_departement
            and fiches.nom_adresse = par_adresse.nom
    left join {{ ref('dim_departement') }} as departements
        on
            coalesce(
                substr(fiches.code_lu, 1, case when fiches.code_lu like '97%' then 3 else 2 end),
                {{ departement_du_code_postal('fiches.code_postal_consolide') }},
                {{ departement_du_code_postal('fiches.code_postal_adresse') }}
            ) = departements.code_departement

),

-- Without the official geographic code, a code is taken at its word.
places as (

    select
        *,
        coalesce(
            commune_du_code,
            case
                when not est_chargee
                    then coalesce({{ commune_de_l_arrondissement('code_arrondissement') }}, code_lu)
            end,
            commune_du_nom
        ) as commune_de_la_fiche,
        case
            when commune_du_code is not null or (not est_chargee and code_lu is not null)
                then
                    case
                        when
                            commune_du_code
                            <> {{ commune_de_l_arrondissement('coalesce(code_arrondissement, code_lu)') }}
                            then 'code d''une ancienne commune, suivi'
                        when code_lu <> code_publie then 'code publié, réécrit'
                        else 'code publié'
                    end
            when est_nomme_par_la_consolidation then 'code postal et nom de la consolidation'
            when commune_du_nom is not null then 'code postal et nom de l''adresse'
        end as motif_de_la_fiche
    from trouvees

),

-- Another row of the same point may say where it is: of those that do, the newest.
soeurs as (

    select
        id_pdc_itinerance,
        commune_de_la_fiche
    from places
    where id_pdc_itinerance is not null and commune_de_la_fiche is not null
    qualify row_number() over (
        partition by id_pdc_itinerance order by date_maj desc nulls last, commune_de_la_fiche asc
    ) = 1

),

situees as (

    select
        places.*,
        coalesce(places.commune_de_la_fiche, soeurs.commune_de_la_fiche) as code_commune,
        case
            when places.motif_de_la_fiche is not null then places.motif_de_la_fiche
            when soeurs.commune_de_la_fiche is not null then 'autre fiche du même point'
            when places.code_lu is not null then 'inconnue : code absent du code officiel géographique'
            when {{ est_sans_identifiant('places.code_publie') }} then 'inconnue : ni code ni adresse lisible'
            else 'inconnue : code illisible'
        end as motif_commune,
        {{ est_en_france('places.premiere_coordonnee', 'places.seconde_coordonnee') }} as est_dans_l_ordre,
        {{ est_en_france('places.seconde_coordonnee', 'places.premiere_coordonnee') }} as est_inverse,
        {{ est_en_france('places.longitude_consolidee', 'places.latitude_consolidee') }} as est_consolide
    from places
    left join soeurs on places.id_pdc_itinerance = soeurs.id_pdc_itinerance

),

-- What an identifier of an operator is good for: its commune, or the very spot when that is unknown.
bornees as (

    select
        *,
        coalesce(
            code_commune,
            cast(premiere_coordonnee as string) || ' ' || cast(seconde_coordonnee as string),
            upper(adresse)
        ) as lieu
    from situees

),

stations as (

    select
        *,
        coalesce(
            id_station_itinerance,
            lieu || '/' || coalesce(
                station_locale || coalesce('/' || upper(nom_operateur), ''), upper(adresse), upper(nom_station)
            )
        ) as id_station
    from bornees

),

final as (

    select
        coalesce(
            id_pdc_itinerance,
            case when id_station_itinerance is not null then lieu || '/' else '' end
            || coalesce(id_station, lieu) || '/' || identifiant_local
        ) as id_pdc,
        id_pdc_local,
        id_station,
        nom_station,
        adresse,
        code_arrondissement,
        code_commune,
        coalesce(
            substr(code_commune, 1, case when code_commune like '97%' then 3 else 2 end), departement_dit
        ) as code_departement,
        motif_commune,
        case
            when est_dans_l_ordre then premiere_coordonnee
            when est_inverse then seconde_coordonnee
            when est_consolide then longitude_consolidee
        end as longitude,
        case
            when est_dans_l_ordre then seconde_coordonnee
            when est_inverse then premiere_coordonnee
            when est_consolide then latitude_consolidee
        end as latitude,
        case
            when est_dans_l_ordre then 'publiées'
            when est_inverse then 'inversées, remises dans l''ordre'
            when est_consolide then 'consolidation'
            when premiere_coordonnee is null or seconde_coordonnee is null then 'absentes'
            else 'hors de France, écartées'
        end as motif_coordonnees,
        puissance_nominale_kw,
        est_puissance_en_watts,
        prise_type_ef,
        prise_type_2,
        prise_type_combo_ccs,
        prise_type_chademo,
        prise_type_autre,
        nom_operateur,
        nom_enseigne,
        condition_acces,
        date_mise_en_service,
        date_maj,
        cast(null as string) as statut_declare
    from stations

)

select * from final
