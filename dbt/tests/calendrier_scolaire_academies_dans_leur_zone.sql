with

publiees as (

    select
        location as academie,
        replace(zones, 'Zone ', '') as zone_scolaire,
        cast({{ heure_de_paris('start_date') }} as date) as date_debut
    from {{ source('education', 'fr_en_calendrier_scolaire') }}
    where zones like 'Zone%' or zones = 'Corse'

)

select
    publiees.academie,
    publiees.zone_scolaire,
    min(publiees.date_debut) as premiere_date,
    count(*) as nombre_lignes
from publiees
left join {{ ref('academies') }} as academies
    on
        publiees.academie = academies.academie
        and publiees.zone_scolaire = academies.zone_scolaire
        and publiees.date_debut >= academies.valide_du
        and (academies.valide_au is null or publiees.date_debut <= academies.valide_au)
where academies.academie is null
group by publiees.academie, publiees.zone_scolaire
