select
    mix.code_territoire,
    mix.type_periode,
    mix.debut,
    mix.est_complete,
    periodes.jours_presents,
    'période du mix dont les jours ne sont pas ceux de mart_periode' as message
from {{ ref('mart_mix_bilan_periode') }} as mix
left join {{ ref('mart_periode') }} as periodes
    on
        mix.code_territoire = periodes.code_territoire
        and mix.type_periode = periodes.type_periode
        and mix.debut = periodes.debut
        and periodes.mesure = 'production'
where mix.est_complete <> coalesce(periodes.est_complete, false)
