{#- A season: on fewer days the model may only have met easy ones. -#}
{%- set jours_eprouves_au_moins = 90 -%}
{%- set horizons = 7 -%}
with

territoires as (

    select distinct
        maille,
        code_territoire
    from {{ ref('int_prevision_lectures_mois') }}
    where nombre_lectures > 0

),

-- What is issued now: with normal weather everywhere, and with a weather forecast where one has been read.
meteos as (

    select
        maille,
        code_territoire,
        'climatologie' as meteo
    from territoires
    union all
    select distinct
        maille,
        code_territoire,
        meteo
    from {{ ref('int_prevision_retrotest') }}
    where meteo = 'prevue'

),

pas as (

    select 'jour' as pas
    union all
    select 'demi_heure' as pas

),

-- Observed weather is only a yardstick: it is unknown when a forecast is issued.
scores as (

    select *
    from {{ ref('int_prevision_scores') }}
    where modele = 'ridge' and meteo <> 'observee' and decoupe = 'ensemble'

),

epreuves as (

    select
        maille,
        code_territoire,
        pas,
        meteo,
        count(*) as nombre_horizons,
        min(nombre_jours) as nombre_jours_eprouves,
        min(gain_contre_naif_pct) as gain_minimal_contre_naif_pct,
        min(gain_contre_persistance_pct) as gain_minimal_contre_persistance_pct,
        -- A model beaten at three days is not published at four either, even if it happens to win there.
        coalesce(
            min(
                case when gain_contre_naif_pct > 0 and gain_contre_persistance_pct > 0 then null else horizon_jours end
            ) - 1,
            {{ horizons }}
        ) as horizon_gagne_jours
    from scores
    group by maille, code_territoire, pas, meteo

),

veilles as (

    select *
    from scores
    where horizon_jours = 1

),

ajustements as (

    select distinct
        maille,
        code_territoire,
        alpha,
        apprentissage_debut,
        apprentissage_fin,
        nombre_jours
    from {{ ref('int_prevision_retrotest') }}
    where horizon_jours = 1
    qualify rank() over (partition by maille, code_territoire order by mois desc) = 1

),

jugements as (

    select
        meteos.maille,
        meteos.code_territoire,
        pas.pas,
        'ridge' as modele,
        meteos.meteo,
        case
            when ajustements.maille is null
                then 'historique insuffisant : moins de 300 jours complets, avec température, parmi 400'
            when epreuves.maille is null or epreuves.nombre_horizons < {{ horizons }}
                then 'jamais éprouvé aux sept horizons'
            when epreuves.nombre_jours_eprouves < {{ jours_eprouves_au_moins }}
                then 'moins de {{ jours_eprouves_au_moins }} jours d''épreuve'
            when epreuves.horizon_gagne_jours < {{ horizons }}
                then
                    'ne bat pas la persistance et le naïf à sept jours à '
                    || cast(epreuves.horizon_gagne_jours + 1 as string)
                    || ' jour(s)'
        end as motif,
        ajustements.apprentissage_debut,
        ajustements.apprentissage_fin,
        ajustements.nombre_jours,
        ajustements.alpha,
        epreuves.nombre_jours_eprouves,
        case
            when
                ajustements.maille is not null
                and epreuves.nombre_horizons = {{ horizons }}
                and epreuves.nombre_jours_eprouves >= {{ jours_eprouves_au_moins }}
                then epreuves.horizon_gagne_jours
            else 0
        end as horizon_publie_jours,
        veilles.debut as epreuve_debut,
        veilles.fin as epreuve_fin,
        veilles.mape_pct,
        veilles.mase,
        veilles.couverture_90_pct,
        veilles.gain_contre_naif_pct,
        veilles.gain_contre_persistance_pct,
        epreuves.gain_minimal_contre_naif_pct,
        epreuves.gain_minimal_contre_persistance_pct
    from meteos
    cross join pas
    left join epreuves
        on
            meteos.maille = epreuves.maille
            and meteos.code_territoire = epreuves.code_territoire
            and pas.pas = epreuves.pas
            and meteos.meteo = epreuves.meteo
    left join veilles
        on
            meteos.maille = veilles.maille
            and meteos.code_territoire = veilles.code_territoire
            and pas.pas = veilles.pas
            and meteos.meteo = veilles.meteo
    left join ajustements
        on meteos.maille = ajustements.maille and meteos.code_territoire = ajustements.code_territoire

),

final as (

    select
        maille,
        code_territoire,
        pas,
        modele,
        meteo,
        horizon_publie_jours > 0 as est_publie,
        horizon_publie_jours,
        motif,
        apprentissage_debut,
        apprentissage_fin,
        nombre_jours,
        alpha,
        nombre_jours_eprouves,
        epreuve_debut,
        epreuve_fin,
        mape_pct,
        mase,
        couverture_90_pct,
        gain_contre_naif_pct,
        gain_contre_persistance_pct,
        gain_minimal_contre_naif_pct,
        gain_minimal_contre_persistance_pct
    from jugements

)

select * from final
