{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre_et_la_veille('heure_utc') }}",
    )
}}

with

intervalles as (

    select
        *,
        date_trunc('hour', debut) as heure_du_debut,
        date_trunc('hour', debut) + interval 1 hour as heure_suivante
    from {{ ref('int_borne_intervalles') }}
    where est_connu and {{ dans_la_fenetre_et_la_veille("date_trunc('hour', debut)") }}

),

-- A status holds for thirty minutes at most, so an interval lies in one hour or in two.
morceaux as (

    select
        mois,
        id_pdc,
        id_station,
        code_arrondissement,
        statut,
        heure_du_debut as heure_utc,
        {{ secondes_entre('debut', 'least(fin, heure_suivante)') }} as secondes
    from intervalles
    union all
    select
        mois,
        id_pdc,
        id_station,
        code_arrondissement,
        statut,
        heure_suivante as heure_utc,
        {{ secondes_entre('heure_suivante', 'fin') }} as secondes
    from intervalles
    where fin > heure_suivante

),

-- A point that moves to another station within an hour stays with the first in the alphabet.
points as (

    select
        mois,
        id_pdc,
        min(id_station) as id_station,
        min(code_arrondissement) as code_arrondissement,
        heure_utc,
        coalesce(sum(secondes) filter (where statut = 'libre'), 0) as libres,
        coalesce(sum(secondes) filter (where statut = 'occupe'), 0) as occupees,
        coalesce(sum(secondes) filter (where statut = 'reserve'), 0) as reservees,
        coalesce(sum(secondes) filter (where statut = 'hors_service'), 0) as hors_service,
        coalesce(sum(secondes) filter (where statut = 'inconnu'), 0) as inconnues
    from morceaux
    group by mois, id_pdc, heure_utc

),

{% set nul = 'cast(null as string)' -%}
{% set mailles = [
    ('point', 'id_pdc', 'id_pdc', 'min(id_station)', 'min(code_arrondissement)'),
    ('station', 'id_station', nul, 'id_station', 'min(code_arrondissement)'),
    ('arrondissement', 'code_arrondissement', nul, nul, 'code_arrondissement'),
    ('commune', "'75056'", nul, nul, nul),
] -%}
sommes as (

    {% for maille, code, point, station, arrondissement in mailles -%}
    select
        mois,
        '{{ maille }}' as maille,
        {{ code }} as code,
        {{ point }} as id_pdc,
        {{ station }} as id_station,
        {{ arrondissement }} as code_arrondissement,
        heure_utc,
        count(*) as nombre_points,
        sum(libres) as libres,
        sum(occupees) as occupees,
        sum(reservees) as reservees,
        sum(hors_service) as hors_service,
        sum(inconnues) as inconnues
    from points
    {%- if code.startswith("'") %}
    group by mois, heure_utc
    {%- else %}
    where {{ code }} is not null
    group by mois, {{ code }}, heure_utc
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Temperature and wind are those of the beginning of the hour; rain is that of the hour which ends at its instant.
meteo as (

    select
        instant_utc,
        temperature_c,
        vent_m_s,
        precipitation_mm
    from {{ ref('fct_meteo_horaire') }}
    where code_region = '11'

),

final as (

    select
        sommes.mois,
        sommes.maille,
        sommes.code,
        sommes.id_pdc,
        sommes.id_station,
        sommes.code_arrondissement,
        sommes.heure_utc,
        cast({{ heure_de_paris('sommes.heure_utc') }} as date) as date_locale,
        cast(extract(hour from {{ heure_de_paris('sommes.heure_utc') }}) as integer) as heure_locale,
        cast({{ jour_iso(heure_de_paris('sommes.heure_utc')) }} as integer) as jour_semaine,
        cast(sommes.nombre_points as integer) as nombre_points,
        sommes.occupees / 60e0 as minutes_occupees,
        (sommes.libres + sommes.occupees + sommes.reservees) / 60e0 as minutes_observees,
        sommes.hors_service / 60e0 as minutes_hors_service,
        sommes.inconnues / 60e0 as minutes_inconnues,
        sommes.occupees * 1e0 / nullif(sommes.libres + sommes.occupees + sommes.reservees, 0) as taux_occupation,
        (sommes.libres + sommes.occupees + sommes.reservees) * 1e0 / nullif(
            sommes.libres + sommes.occupees + sommes.reservees + sommes.hors_service + sommes.inconnues, 0
        ) as disponibilite,
        debuts.temperature_c,
        fins.precipitation_mm,
        debuts.vent_m_s
    from sommes
    left join meteo as debuts on sommes.heure_utc = debuts.instant_utc
    left join meteo as fins on sommes.heure_utc + interval 1 hour = fins.instant_utc

)

select * from final
