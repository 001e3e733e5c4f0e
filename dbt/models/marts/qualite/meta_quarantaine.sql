select
    jeu_de_donnees,
    partition,
    cast(null as string) as table_conservee,
    regle,
    statut,
    lignes,
    constat,
    attendu,
    depuis,
    version_ecartee,
    version_servie,
    version_servie_connue_a
from {{ source('lac', 'quarantaine') }}
