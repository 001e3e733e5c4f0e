{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre(fautes_a_refaire()) }}",
    )
}}
{%- set fr = "cast(null as string)" %}
{#- One half-hour of real time moves no fault of gross consumption, nor the other way round. -#}
{%- set brute = dans_la_fenetre('mois') ~ ' and ' ~ fautes_a_refaire('brute') %}
{%- set eco2mix = dans_la_fenetre('mois') ~ ' and ' ~ fautes_a_refaire('eco2mix') %}
with

fautes as (

    {{ fautes_de_consommation(
        'consommation-quotidienne-brute',
        ref('stg_odre__consommation_quotidienne_brute'),
        ref('int_fautes_etiquettes_nationales'),
        ref('fct_consommation_nationale'),
        brute,
    ) }}
    union all
    {{ fautes_de_consommation(
        'consommation-quotidienne-brute-regionale',
        ref('stg_odre__consommation_quotidienne_brute_regionale'),
        ref('int_fautes_etiquettes_regionales'),
        ref('fct_consommation_regionale'),
        brute,
        code_region='code_region',
        territoire=['code_region'],
    ) }}
    union all
    select
        {{ faute(
            "'consommation-quotidienne-brute-regionale'",
            fr,
            'date',
            fr,
            'date',
            fr,
            "'régions et France en désaccord'",
            '13 * nombre_demi_heures',
            "'douze régions ' || " ~ en_entier('energie_regions_mwh') ~ " || ' MWh, France ' || "
            ~ en_entier('energie_france_mwh') ~ " || ' MWh (' || cast(round(100 * ecart_relatif, 2) as string)"
            ~ " || ' %) ; ' || cast(demi_heures_en_desaccord as string) || ' demi-heures sur '"
            ~ " || cast(nombre_demi_heures as string) || ' à plus de 2 % ; rien ne dit laquelle a raison'",
            "'signalée'",
        ) }}
    from {{ ref('int_consommation_comparer_regions_et_france') }}
    where est_douteux and {{ brute }}
    {%- for nom, code_region, cle, etiquette, meme_region in [
        ('national', fr, 'jeu_de_donnees, mois', 'date_locale, heure_locale', 'true'),
        (
            'regional',
            'code_region',
            'jeu_de_donnees, mois, code_region',
            'code_region, date_locale, heure_locale',
            'lignes.code_region = repetees.code_region',
        ),
    ] %}
    union all
    select
        {{ faute(
            'jeu_de_donnees',
            code_region,
            'date_locale',
            'heure_locale',
            'date_locale',
            'heure_locale',
            "'étiquette en double'",
            'count(*)',
            "cast(count(*) as string) || ' lignes « ' || statut_publie || ' » : consommation de ' || coalesce("
            ~ en_entier('min(consommation_mw)') ~ ", '?') || ' à ' || coalesce(" ~ en_entier('max(consommation_mw)')
            ~ ", '?') || ' MW ; la dernière puis la plus grande est gardée'",
            "'signalée'",
        ) }}
    from (
        select lignes.*
        from {{ ref('int_eco2mix_' ~ nom ~ '_reuni') }} as lignes
        inner join (
            -- Labels alone: with all that is said of a fault, those of thirty years would take a gigabyte.
            select {{ etiquette }}
            from {{ ref('int_eco2mix_' ~ nom ~ '_reuni') }}
            where {{ eco2mix }}
            group by {{ etiquette }}
            having count(*) > 1
        ) as repetees
            on
                lignes.date_locale = repetees.date_locale
                and lignes.heure_locale = repetees.heure_locale
                and {{ meme_region }}
        where {{ eco2mix }}
    ) as repetees
    group by {{ cle }}, date_locale, heure_locale, statut_publie
    having count(*) > 1
    union all
    select
        {{ faute(
            'jeu_de_donnees',
            code_region,
            'min(date_locale)',
            'min(heure_locale)',
            'max(date_locale)',
            'max(heure_locale)',
            "'statut inconnu'",
            'count(*)',
            "'« ' || statut_publie || ' » n''est pas dans statuts.csv ; la ligne passe après toutes les autres, son statut est nul'",
            "'signalée'",
        ) }}
    from {{ ref('int_eco2mix_' ~ nom ~ '_reuni') }}
    where {{ eco2mix }} and statut is null and statut_publie is not null
    group by {{ cle }}, statut_publie
    union all
    select
        {{ faute(
            'jeu_de_donnees',
            code_region,
            'date_locale',
            'min(heure_locale)',
            'date_locale',
            'max(heure_locale)',
            "'jour publié faux'",
            'count(*)',
            "'le jour imprimé n''est pas celui de l''instant : ' || cast(min(" ~ heure_de_paris('instant_utc') ~ ") as string)",
            "'signalée'",
        ) }}
    from {{ ref('int_eco2mix_' ~ nom ~ '_reuni') }}
    where
        {{ eco2mix }} and not est_heure_fictive
        and date_locale <> cast({{ heure_de_paris('instant_utc') }} as date)
    group by {{ cle }}, date_locale
    {%- endfor %}
    union all
    select
        {{ faute(
            "'eco2mix-regional-cons-def'",
            fr,
            'date',
            fr,
            'date',
            fr,
            "'régions et France en désaccord'",
            'nombre_lectures',
            "'douze régions ' || " ~ en_entier('energie_regions_mwh') ~ " || ' MWh, France ' || "
            ~ en_entier('energie_france_mwh') ~ " || ' MWh (' || cast(round(100 * ecart_relatif, 2) as string)"
            ~ " || ' %, ' || statut || ') ; rien ne dit laquelle a raison'",
            "'signalée'",
        ) }}
    from {{ ref('int_eco2mix_comparer_regions_et_france') }}
    where est_douteux and {{ eco2mix }}

),

final as (

    select * from fautes

)

select * from final
