with

communes as (

    select
        case when code_territoire like '97%' then left(code_territoire, 3) else left(code_territoire, 2) end
            as code_departement,
        annee,
        energie,
        sum(energie_mwh) as energie_des_communes_mwh
    from {{ ref('fct_consommation_annuelle') }}
    where maille = 'commune'
    group by 1, 2, 3

),

departements as (

    select
        code_territoire as code_departement,
        annee,
        energie,
        sum(energie_mwh) as energie_du_departement_mwh
    from {{ ref('fct_consommation_annuelle') }}
    where maille = 'departement'
    group by 1, 2, 3

)

select
    communes.*,
    departements.energie_du_departement_mwh,
    'communes au-dessus du département' as message
from communes
inner join departements
    on
        communes.code_departement = departements.code_departement
        and communes.annee = departements.annee
        and communes.energie = departements.energie
where communes.energie_des_communes_mwh > 1.001 * departements.energie_du_departement_mwh
