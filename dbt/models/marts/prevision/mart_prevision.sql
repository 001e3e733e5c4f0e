{#- What identifies a row, and all that it says. -#}
{%- set colonnes = [
    'maille', 'code_territoire', 'pas', 'modele', 'meteo', 'emise_a', 'horizon_jours', 'date', 'heure_locale',
    'instant_utc', 'prevision_mw', 'ic50_bas_mw', 'ic50_haut_mw', 'ic90_bas_mw', 'ic90_haut_mw', 'realise_mw',
    'est_a_venir', 'est_publiee',
] -%}
{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        unique_key='code_territoire',
        pre_hook="{{ vider_ou('code_territoire not in (select code_territoire from ' ~ ref('int_prevision_lignes') ~ ')') }}",
    )
}}
with

jugees as (

    select
        lignes.*,
        coalesce(lignes.horizon_jours <= modeles.horizon_publie_jours, false) as est_publiee,
        -- Coming days are shown only where the model has proved better than the references; past forecasts are shown
        -- as issued.
        not lignes.est_a_venir
        or lignes.modele <> 'ridge'
        or coalesce(lignes.horizon_jours <= modeles.horizon_publie_jours, false) as est_montree
    from {{ ref('int_prevision_lignes') }} as lignes
    left join {{ ref('mart_prevision_modele') }} as modeles
        on
            lignes.maille = modeles.maille
            and lignes.code_territoire = modeles.code_territoire
            and lignes.pas = modeles.pas
            and lignes.modele = modeles.modele
            and lignes.meteo = modeles.meteo

),

final as (

    select
        maille,
        code_territoire,
        pas,
        modele,
        meteo,
        emise_a,
        horizon_jours,
        date,
        heure_locale,
        instant_utc,
        case when est_montree then prevision_mw end as prevision_mw,
        case when est_montree then ic50_bas_mw end as ic50_bas_mw,
        case when est_montree then ic50_haut_mw end as ic50_haut_mw,
        case when est_montree then ic90_bas_mw end as ic90_bas_mw,
        case when est_montree then ic90_haut_mw end as ic90_haut_mw,
        realise_mw,
        est_a_venir,
        est_publiee
    from jugees

)

{%- if is_incremental() %},

nouvelles as (

    select
        code_territoire,
        {{ empreinte_des_lignes(colonnes) }} as empreinte
    from final
    group by code_territoire

),

anciennes as (

    select
        code_territoire,
        {{ empreinte_des_lignes(colonnes) }} as empreinte
    from {{ this }}
    group by code_territoire

),

-- One reading of France moves her forecasts alone: the others are not written again.
changees as (

    select nouvelles.code_territoire
    from nouvelles
    left join anciennes on nouvelles.code_territoire = anciennes.code_territoire
    where nouvelles.empreinte <> anciennes.empreinte or anciennes.empreinte is null

)
{%- endif %}

select * from final
{%- if is_incremental() %}
where code_territoire in (select changees.code_territoire from changees)
{%- endif %}
