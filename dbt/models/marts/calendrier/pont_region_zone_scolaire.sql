with

academies as (

    select * from {{ ref('academies') }}

),

par_zone as (

    select
        code_region,
        zone_scolaire,
        valide_du,
        valide_au,
        {{ liste_en_texte('academie') }} as academies,
        cast(sum(population) as integer) as population
    from academies
    group by code_region, zone_scolaire, valide_du, valide_au

),

final as (

    select
        code_region,
        zone_scolaire,
        valide_du,
        valide_au,
        academies,
        count(*) over (partition by code_region, valide_du) > 1 as est_partage,
        population,
        population / sum(population) over (partition by code_region, valide_du) as part_population
    from par_zone

)

select * from final
