with

etats as (

    select
        mois,
        id_pdc,
        id_station,
        code_arrondissement,
        releve_a,
        -- A stuck status says nothing about the point.
        case when est_fige then 'inconnu' else statut end as statut,
        -- Within the month, so that a month can be rebuilt alone: nothing is assumed after its last state.
        lead(releve_a) over (partition by mois, id_pdc order by releve_a) as releve_suivant_a
    from {{ ref('fct_statut_borne') }}

),

bornes as (

    select
        *,
        releve_a + interval {{ 2 * (intervalle_usuel_min() | trim | int) }} minutes as connu_jusqu_a
    from etats
    where releve_suivant_a is not null

),

connus as (

    select
        mois,
        id_pdc,
        id_station,
        code_arrondissement,
        releve_a as debut,
        least(releve_suivant_a, connu_jusqu_a) as fin,
        statut,
        true as est_connu
    from bornes

),

inconnus as (

    select
        mois,
        id_pdc,
        id_station,
        code_arrondissement,
        connu_jusqu_a as debut,
        releve_suivant_a as fin,
        cast(null as string) as statut,
        false as est_connu
    from bornes
    where releve_suivant_a > connu_jusqu_a

),

final as (

    select * from connus
    union all
    select * from inconnus

)

select * from final
