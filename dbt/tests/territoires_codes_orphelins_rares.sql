select
    nom_table,
    sum(nombre_lignes) as lignes_orphelines,
    max(lignes_de_la_table) as lignes_de_la_table
from {{ ref('mart_codes_orphelins') }}
group by nom_table
having sum(nombre_lignes) > 0.005 * max(lignes_de_la_table)
