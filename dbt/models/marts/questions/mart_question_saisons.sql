select
    serie_x,
    serie_y,
    transformation,
    forme,
    decalage_jours,
    methode,
    effet,
    unite_effet,
    ic95_bas,
    ic95_haut,
    debut,
    fin,
    nombre_jours,
    nombre_effectif,
    est_concluant,
    motif
from {{ ref('int_relations') }}
where question = 'saisons'
