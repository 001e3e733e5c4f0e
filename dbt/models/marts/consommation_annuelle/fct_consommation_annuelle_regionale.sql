with

annuelle as (

    select * from {{ ref('stg_odre__consommation_annuelle_brute_regionale') }}

),

statuts as (

    select * from {{ ref('statuts') }}

),

final as (

    select
        annuelle.code_region,
        annuelle.annee,
        annuelle.consommation_electricite_gwh,
        annuelle.consommation_gaz_gwh,
        annuelle.consommation_gaz_natran_gwh,
        annuelle.consommation_gaz_terega_gwh,
        electricite.statut as statut_electricite,
        -- A sum is as final as its least final part, and unknown when one of them is.
        case
            when
                (annuelle.statut_gaz_natran_publie is not null and natran.statut is null)
                or (annuelle.statut_gaz_terega_publie is not null and terega.statut is null)
                then null
            when terega.rang > natran.rang or natran.rang is null then terega.statut
            else natran.statut
        end as statut_gaz
    from annuelle
    left join statuts as electricite on annuelle.statut_electricite_publie = electricite.statut_publie
    left join statuts as natran on annuelle.statut_gaz_natran_publie = natran.statut_publie
    left join statuts as terega on annuelle.statut_gaz_terega_publie = terega.statut_publie

)

select * from final
