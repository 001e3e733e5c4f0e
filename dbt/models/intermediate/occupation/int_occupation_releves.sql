with

-- The thirty days that end with the newest state.
fenetre as (

    select max(releve_a) as dernier_releve_a
    from {{ ref('fct_statut_borne') }}

),

final as (

    select
        etats.*,
        fenetre.dernier_releve_a
    from {{ ref('fct_statut_borne') }} as etats
    cross join fenetre
    where etats.releve_a > fenetre.dernier_releve_a - interval 30 days

)

select * from final
