with

source as (

    select * from {{ source('ore', 'conso_elec_gaz_annuelle_par_secteur_dactivite_agregee_departement') }}

),

-- One block of columns per sector becomes one row per sector. Not UNPIVOT: it takes one measure at a time, and leaves
-- out the nulls.
renamed as (

    {% for suffixe in ['a', 'i', 't', 'r', 'na'] -%}
    select
        annee,
        code_departement,
        code_region,
        trim(filiere) as filiere,
        operateur,
        '{{ suffixe }}' as secteur_publie,
        conso{{ suffixe }} as energie_mwh,
        pdl{{ suffixe }} as nombre_points,
        nombre_maille_secretisees_{{ suffixe }} as nombre_mailles_secretisees
    from source
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from renamed
