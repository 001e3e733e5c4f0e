with

energies as (

    select * from {{ ref('int_mix_periode') }}
    where type_periode = 'saison'

),

{{ parts_de_production(
    'energies', ['maille', 'code_territoire', 'annee_saison', 'saison'], ['nombre_jours', 'est_complete']
) }}

select * from final
