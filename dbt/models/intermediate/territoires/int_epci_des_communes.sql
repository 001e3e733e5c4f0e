with

publiees as (

    select * from {{ ref('stg_ore__epci_des_communes') }}

),

successeurs as (

    select * from {{ ref('int_commune_successeurs') }}
    where dernier_millesime = 9999

),

actuelles as (

    select
        coalesce(successeurs.code_commune_actuelle, publiees.code_commune) as code_commune,
        publiees.code_epci,
        publiees.annee
    from publiees
    left join successeurs on publiees.code_commune = successeurs.code_commune

),

-- The newest year that gives the commune one. Names differ between years too: dim_epci keeps the newest.
final as (

    select
        code_commune,
        code_epci,
        annee
    from actuelles
    qualify row_number() over (partition by code_commune order by annee desc, code_epci asc) = 1

)

select * from final
