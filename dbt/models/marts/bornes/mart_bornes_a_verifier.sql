with

releves as (

    select * from {{ ref('int_occupation_releves') }}

),

-- A point has one row per state: joined, not sorted, since a month has six million rows.
fins as (

    select
        id_pdc,
        max(releve_a) as releve_a
    from releves
    group by id_pdc

),

derniers as (

    select releves.*
    from releves
    inner join fins on releves.id_pdc = fins.id_pdc and releves.releve_a = fins.releve_a

),

motifs as (

    select
        *,
        case
            when releve_a < dernier_releve_a then 'disparu du temps réel'
            when not est_statut_reconnu then 'statut sans traduction'
            when statut = 'supprime' then 'supprimé'
            when statut = 'hors_service' then 'hors service'
            when est_fige then 'statut figé'
            when statut = 'inconnu' then 'statut inconnu'
        end as motif
    from derniers

),

final as (

    select
        id_pdc,
        id_station,
        code_arrondissement,
        motif,
        statut_publie,
        depuis,
        releve_a as dernier_releve_a,
        cast({{ heures_entre('depuis', 'dernier_releve_a') }} as integer) as duree_h
    from motifs
    where motif is not null

)

select * from final
