select
    avant.regime,
    apres.regime as regime_suivant,
    'deux jeux de facteurs pour un même jour' as message
from {{ ref('dim_facteur_co2') }} as avant
inner join {{ ref('dim_facteur_co2') }} as apres
    on
        avant.statut = apres.statut
        and avant.debut <= apres.debut
        and avant.regime <> apres.regime
where avant.fin is null or avant.fin >= apres.debut
