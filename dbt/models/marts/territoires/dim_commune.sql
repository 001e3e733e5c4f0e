{#- The yearly series begin in 2011: an older split does not affect them. -#}
{%- set premier_millesime_des_series = 2012 -%}

with

communes as (

    select * from {{ ref('stg_insee__code_officiel_geographique_communes') }}

),

mouvements as (

    select * from {{ ref('stg_insee__code_officiel_geographique_mouvements') }}

),

successeurs as (

    select * from {{ ref('int_commune_successeurs') }}

),

membres as (

    select * from {{ ref('int_epci_des_communes') }}

),

dernier as (

    select max(millesime) as millesime from communes

),

-- What a code is, according to the newest edition that has it: a commune first, since delegated communes share codes
-- with communes.
lignes as (

    select *
    from communes
    qualify row_number() over (
        partition by code_commune
        order by
            millesime desc,
            case type_commune when 'COM' then 1 when 'ARM' then 2 when 'COMD' then 3 else 4 end asc,
            code_commune_parent asc
    ) = 1

),

-- The editions in which the code belonged to a commune or a municipal arrondissement.
periodes as (

    select
        code_commune,
        cast(min(millesime) as integer) as premiere_edition,
        cast(max(millesime) as integer) as derniere_edition
    from communes
    where type_commune in ('COM', 'ARM')
    group by code_commune

),

noms_des_evenements as (

    select
        code_avant as code_commune,
        nom_avant as nom_commune,
        date_effet
    from mouvements
    where type_avant = 'COM'
    union all
    select
        code_apres as code_commune,
        nom_apres as nom_commune,
        date_effet
    from mouvements
    where type_apres = 'COM'

),

-- Communes that ended before the first edition, with their last name.
noms_anciens as (

    select
        code_commune,
        nom_commune
    from noms_des_evenements
    qualify row_number() over (partition by code_commune order by date_effet desc, nom_commune asc) = 1

),

-- One row per code: where it leads today, and whether any of its periods passed through a split.
chemins as (

    select
        code_commune,
        code_commune_actuelle as code_commune_repliee,
        coalesce(max(millesime_scission) over (partition by code_commune), 0)
        >= {{ premier_millesime_des_series }} as est_scindee
    from successeurs
    qualify row_number() over (partition by code_commune order by dernier_millesime desc) = 1

),

final as (

    select
        chemins.code_commune,
        coalesce(lignes.nom_commune, noms_anciens.nom_commune) as nom_commune,
        coalesce(lignes.type_commune, 'COM') as type_commune,
        lignes.type_commune is not null
        and lignes.type_commune = 'COM'
        and lignes.millesime = dernier.millesime as est_active,
        coalesce(repliees.code_departement, lignes.code_departement) as code_departement,
        coalesce(repliees.code_region, lignes.code_region) as code_region,
        membres.code_epci,
        lignes.code_commune_parent,
        chemins.code_commune_repliee,
        case
            when lignes.type_commune = 'ARM' then null
            when chemins.code_commune_repliee <> chemins.code_commune then chemins.code_commune_repliee
        end as code_successeur,
        chemins.est_scindee,
        periodes.premiere_edition,
        periodes.derniere_edition
    from chemins
    cross join dernier
    left join lignes on chemins.code_commune = lignes.code_commune
    left join noms_anciens on chemins.code_commune = noms_anciens.code_commune
    left join periodes on chemins.code_commune = periodes.code_commune
    left join lignes as repliees on chemins.code_commune_repliee = repliees.code_commune
    left join membres on chemins.code_commune_repliee = membres.code_commune

)

select * from final
