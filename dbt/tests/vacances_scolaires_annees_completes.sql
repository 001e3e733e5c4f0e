with

annees as (

    select
        zone_scolaire,
        annee_scolaire,
        count(case
            when nom_vacances in (
                'Vacances de la Toussaint',
                'Vacances de Noël',
                'Vacances d''hiver',
                'Vacances de printemps',
                'Vacances d''été'
            ) then 1
        end) as nombre_vacances
    from {{ ref('fct_vacances_scolaires') }}
    where zone_scolaire <> 'Corse'
    group by zone_scolaire, annee_scolaire

)

select *
from annees
where
    nombre_vacances < 5
    and annee_scolaire < (select max(suivantes.annee_scolaire) from annees as suivantes)
