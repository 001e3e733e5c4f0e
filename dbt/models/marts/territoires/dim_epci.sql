with

publiees as (

    select * from {{ ref('stg_ore__epci_des_communes') }}

),

membres as (

    select * from {{ ref('int_epci_des_communes') }}

),

-- Names and natures are spelled differently over the years: the newest is used.
noms as (

    select
        code_epci,
        nom_epci,
        nature_epci,
        annee
    from publiees
    qualify row_number() over (
        partition by code_epci
        order by annee desc, nom_epci asc nulls last, nature_epci asc nulls last
    ) = 1

),

comptes as (

    select
        code_epci,
        count(*) as nombre_communes
    from membres
    group by code_epci

),

final as (

    select
        noms.code_epci,
        noms.nom_epci,
        noms.nature_epci,
        cast(coalesce(comptes.nombre_communes, 0) as integer) as nombre_communes,
        noms.annee as derniere_annee
    from noms
    left join comptes on noms.code_epci = comptes.code_epci

)

select * from final
