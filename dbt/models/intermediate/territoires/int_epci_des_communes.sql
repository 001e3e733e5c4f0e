with

insee as (

    select * from {{ ref('stg_insee__intercommunalites_composition') }}

),

ore as (

    select * from {{ ref('stg_ore__epci_des_communes') }}

),

successeurs as (

    select * from {{ ref('int_commune_successeurs') }}
    where dernier_millesime = 9999

),

-- INSEE's composition says it for every commune, also that it has none; what comes with the consumption, for those that
-- no loaded composition names.
publiees as (

    select
        code_commune,
        code_epci,
        millesime as annee,
        1 as priorite
    from insee
    union all
    select
        code_commune,
        code_epci,
        annee,
        2 as priorite
    from ore

),

actuelles as (

    select
        coalesce(successeurs.code_commune_actuelle, publiees.code_commune) as code_commune,
        publiees.code_epci,
        publiees.annee,
        publiees.priorite,
        publiees.code_commune = coalesce(successeurs.code_commune_actuelle, publiees.code_commune) as est_la_meme
    from publiees
    left join successeurs on publiees.code_commune = successeurs.code_commune

),

-- The newest year that names the commune, in its own name before that of one that it has taken in. Names differ between
-- years too: dim_epci keeps the newest.
final as (

    select
        code_commune,
        code_epci,
        annee
    from actuelles
    qualify row_number() over (
        partition by code_commune
        order by priorite asc, annee desc, est_la_meme desc, code_epci asc nulls last
    ) = 1

)

select * from final
