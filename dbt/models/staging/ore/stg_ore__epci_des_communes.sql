with

source as (

    select * from {{ source('ore', 'consommation_annuelle_d_electricite_et_gaz_par_commune') }}

),

-- The codes of a commune without EPCI (four islands) and of what could be given to no commune are none.
renamed as (

    select distinct
        annee,
        code_commune,
        code_epci,
        nom_epci,
        type_epci as nature_epci
    from source
    where length(code_epci) = 9 and code_epci <> 'ZZZZZZZZZ' and length(code_commune) = 5

)

select * from renamed
