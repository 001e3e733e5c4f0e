with

insee as (

    select * from {{ ref('stg_insee__intercommunalites_composition') }}

),

ore as (

    select * from {{ ref('stg_ore__epci_des_communes') }}

),

membres as (

    select * from {{ ref('int_epci_des_communes') }}

),

-- Names are spelled differently over the years: INSEE's newest is used, else the newest that comes with consumption.
noms as (

    select
        code_epci,
        nom_epci
    from (
        select
            code_epci,
            nom_epci,
            millesime as annee,
            1 as priorite
        from insee
        where code_epci is not null
        union all
        select
            code_epci,
            nom_epci,
            annee,
            2 as priorite
        from ore
    ) as cites
    qualify row_number() over (
        partition by code_epci
        order by priorite asc, annee desc, nom_epci asc nulls last
    ) = 1

),

natures as (

    select
        code_epci,
        nature_epci,
        annee
    from ore
    qualify row_number() over (
        partition by code_epci
        order by annee desc, nom_epci asc nulls last, nature_epci asc nulls last
    ) = 1

),

editions as (

    select
        code_epci,
        max(millesime) as millesime
    from insee
    where code_epci is not null
    group by code_epci

),

comptes as (

    select
        code_epci,
        count(*) as nombre_communes
    from membres
    where code_epci is not null
    group by code_epci

),

final as (

    select
        noms.code_epci,
        noms.nom_epci,
        natures.nature_epci,
        cast(coalesce(comptes.nombre_communes, 0) as integer) as nombre_communes,
        natures.annee as derniere_annee,
        cast(editions.millesime as integer) as derniere_edition
    from noms
    left join natures on noms.code_epci = natures.code_epci
    left join editions on noms.code_epci = editions.code_epci
    left join comptes on noms.code_epci = comptes.code_epci

)

select * from final
