select
    annee_scolaire,
    nom_vacances,
    count(*) as nombre_zones,
    min(date_debut) as premier_debut,
    max(date_debut) as dernier_debut,
    min(date_fin) as premiere_fin,
    max(date_fin) as derniere_fin
from {{ ref('fct_vacances_scolaires') }}
where
    zone_scolaire <> 'Corse'
    and nom_vacances in ('Vacances de la Toussaint', 'Vacances de Noël')
group by annee_scolaire, nom_vacances
having count(*) <> 3 or min(date_debut) <> max(date_debut) or min(date_fin) <> max(date_fin)
