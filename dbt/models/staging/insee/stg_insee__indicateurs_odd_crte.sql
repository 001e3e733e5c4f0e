with

source as (

    select * from {{ source('insee', 'indicateurs_odd_crte') }}

),

renamed as (

    select
        edition,
        'crte' as maille,
        codgeo as code_publie,
        libgeo as nom_publie,
        variable as variable_publiee,
        libelle_variable as libelle_publie,
        sous_champ as sous_champ_publie,
        libelle_sous_champ as libelle_sous_champ_publie,
        type_var as type_publie,
        unite as unite_publiee,
        no_indic as numero_publie,
        annee,
        valeur as valeur_publiee
    from source

)

select * from renamed
