{%- set filieres = ['nucleaire', 'thermique', 'hydraulique', 'eolien', 'solaire', 'bioenergies'] -%}
{#- Renewable by nature: the data set of renewables holds all of their production. -#}
{%- set renouvelables_en_entier -%} ('eolien', 'solaire', 'gaz_renouvelable') {%- endset -%}

with

toutes as (

    {% for filiere in filieres -%}
    select
        code_region,
        annee,
        '{{ filiere }}' as filiere,
        {{ filiere }}_gwh as energie_gwh
    from {{ ref('stg_odre__prod_region_annuelle_filiere') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- One published row has neither year nor region.
lignes_renouvelables as (

    select * from {{ ref('stg_odre__prod_region_annuelle_enr') }}
    where annee is not null and code_region is not null

),

renouvelables as (

    {% for filiere in ['hydraulique', 'eolien', 'solaire', 'bioenergies', 'gaz_renouvelable'] -%}
    select
        code_region,
        annee,
        '{{ filiere }}' as filiere,
        {{ filiere }}_gwh as energie_renouvelable_gwh
    from lignes_renouvelables
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

reunies as (

    select
        coalesce(toutes.code_region, renouvelables.code_region) as code_region,
        coalesce(toutes.annee, renouvelables.annee) as annee,
        coalesce(toutes.filiere, renouvelables.filiere) as filiere,
        toutes.energie_gwh,
        renouvelables.energie_renouvelable_gwh
    from toutes
    full outer join renouvelables
        on
            toutes.code_region = renouvelables.code_region
            and toutes.annee = renouvelables.annee
            and toutes.filiere = renouvelables.filiere

),

final as (

    select
        code_region,
        annee,
        filiere,
        case filiere when 'gaz_renouvelable' then 'gaz' else 'electricite' end as energie,
        1000 * case
            when energie_gwh is not null then energie_gwh
            when filiere in {{ renouvelables_en_entier }} then energie_renouvelable_gwh
        end as energie_mwh,
        1000 * energie_renouvelable_gwh as energie_renouvelable_mwh,
        case
            when energie_gwh is not null then 'prod-region-annuelle-filiere'
            when filiere in {{ renouvelables_en_entier }} and energie_renouvelable_gwh is not null
                then 'prod-region-annuelle-enr'
        end as source
    from reunies

)

select * from final
