{#- Faults of the publishers, as meta_fautes_du_publieur lists them. -#}

{#- A number (MW, MWh) as text without decimals; null stays null. -#}
{% macro en_entier(nombre) -%} cast(cast(round({{ nombre }}) as bigint) as string) {%- endmacro %}


{#- SQL condition on the faults to list again: those of data sets whose facts may have moved; always true on a full build.
    For a family, `brute` or `eco2mix`, whether its own are among them. -#}
{% macro fautes_a_refaire(famille=none) -%}
    {%- set bouge = {
        'brute': ont_pu_bouger(['fct_consommation_nationale', 'fct_consommation_regionale']),
        'eco2mix': ont_pu_bouger(['fct_eco2mix_national', 'fct_eco2mix_regional']),
    } -%}
    {%- if bouge['brute'] == bouge['eco2mix'] or not (is_incremental() and mois_a_refaire()) -%}
        true
    {%- elif famille -%}
        {{ 'true' if bouge[famille] else 'false' }}
    {%- else -%}
        jeu_de_donnees {{ 'like' if bouge['eco2mix'] else 'not like' }} 'eco2mix-%'
    {%- endif -%}
{%- endmacro %}


{#- Columns of a fault, in the order of meta_fautes_du_publieur. -#}
{% macro faute(jeu, code_region, premier_jour, premiere_heure, dernier_jour, derniere_heure, type, lignes, preuve, action) -%}
        {{ jeu }} as jeu_de_donnees,
        mois,
        {{ code_region }} as code_region,
        {{ premier_jour }} as premier_jour,
        {{ premiere_heure }} as premiere_heure,
        {{ dernier_jour }} as dernier_jour,
        {{ derniere_heure }} as derniere_heure,
        {{ type }} as type_de_faute,
        cast({{ lignes }} as integer) as nombre_lignes,
        {{ preuve }} as preuve,
        {{ action }} as action
{%- endmacro %}


{#- Faults of one data set of gross consumption, one SELECT of `faute` for each kind. Each month is independent;
    `fenetre` is the condition that keeps those to look at. -#}
{% macro fautes_de_consommation(
    jeu, staging, etiquettes, fait, fenetre, code_region='cast(null as string)', territoire=[]
) -%}
{%- set groupe = ['mois'] + territoire -%}
{%- set par_groupe = groupe | join(', ') -%}
{%- set premier_rang = 'least(rang_double, rang_vide)' -%}
{%- set dernier_rang = 'greatest(rang_double, rang_vide)' -%}
{%- set vide = "cast(" ~ jour_du_rang('mois', 'rang_vide') ~ " as string) || ' ' || " ~ heure_du_rang('rang_vide') -%}
    -- A doubled label whose readings have their places.
    select
        {{ faute(
            "'" ~ jeu ~ "'",
            code_region,
            jour_du_rang('mois', premier_rang),
            heure_du_rang(premier_rang),
            jour_du_rang('mois', dernier_rang),
            heure_du_rang(dernier_rang),
            "case when est_suite then 'suite décalée d''une demi-heure' else 'lecture à une autre étiquette' end",
            'case when est_suite then abs(rang_vide - rang_double) else 1 end',
            "cast(date_locale as string) || ' ' || heure_locale || ' imprimé ' || cast(nombre_lignes as string) || ' fois ('"
            ~ " || coalesce(" ~ en_entier('electricite_max_mw') ~ ", '?') || ' et '"
            ~ " || coalesce(" ~ en_entier('electricite_min_mw') ~ ", '?') || ' MW), ' || " ~ vide ~ " || ' absent ; '"
            ~ " || case when est_suite is null or forme_suite_mw is null then ''"
            ~ " else 'gaz hors de :00 : ' || cast(gaz_seule as string) || ' lectures si une seule est déplacée, '"
            ~ " || cast(gaz_suite as string) || ' si toute la suite l''est ; écart aux autres jours du mois : '"
            ~ " || coalesce(" ~ en_entier('forme_seule_mw') ~ ", '?') || ' MW ou ' || coalesce(" ~ en_entier('forme_suite_mw') ~ ", '?')"
            ~ " || ' MW ; ' end"
            ~ " || 'aux places retenues ' || coalesce(" ~ en_entier('residu_mw') ~ ", '?') || ' MW'"
            ~ " || coalesce(', sinon ' || " ~ en_entier('residu_suivant_mw') ~ " || ' MW', ', sans autre explication')"
            ~ " || case when verdict = 'placée' then '' else ' ; la place n''est pas sûre' end",
            "case when verdict = 'placée' then 'corrigée' else 'signalée' end",
        ) }}
    from {{ etiquettes }}
    where verdict in ('placée', 'place incertaine') and {{ fenetre }}
    union all
    -- Several readings for one label, and no other label to move them to.
    select
        {{ faute(
            "'" ~ jeu ~ "'",
            code_region,
            'date_locale',
            'heure_locale',
            'date_locale',
            'heure_locale',
            "'étiquette en double'",
            'nombre_lignes',
            "cast(nombre_lignes as string) || ' lignes, ' || cast(nombre_lectures as string) || ' lectures : de ' || coalesce("
            ~ en_entier('electricite_min_mw') ~ ", '?') || ' à ' || coalesce(" ~ en_entier('electricite_max_mw')
            ~ ", '?') || ' MW ; aucune étiquette vide ne les explique, la dernière puis la plus grande est gardée'",
            "'signalée'",
        ) }}
    from {{ etiquettes }}
    where verdict = 'sans place' and {{ fenetre }}
    union all
    -- Equal rows: those of a day are one fault, since whole files arrive twice.
    select
        {{ faute(
            "'" ~ jeu ~ "'",
            code_region,
            'date_locale',
            'min(heure_locale)',
            'date_locale',
            'max(heure_locale)',
            "'ligne répétée'",
            'sum(nombre_lignes)',
            "cast(sum(nombre_lignes) as string) || ' lignes pour ' || cast(count(*) as string)"
            ~ " || ' étiquette(s), égales ou rejetées par le portail ; une seule est comptée'",
            "'corrigée'",
        ) }}
    from {{ etiquettes }}
    where verdict = 'ligne répétée' and {{ fenetre }}
    group by {{ par_groupe }}, date_locale
    union all
    -- What the portal rejects.
    select
        {{ faute(
            "'" ~ jeu ~ "'",
            code_region,
            'date_locale',
            'min(heure_locale)',
            'date_locale',
            'max(heure_locale)',
            "'ligne rejetée par le portail'",
            'count(*)',
            "'flag_ignore = ' || min(marque_publiee) || ' ; électricité de ' || coalesce(" ~ en_entier('min(consommation_electricite_mw)')
            ~ ", '?') || ' à ' || coalesce(" ~ en_entier('max(consommation_electricite_mw)') ~ ", '?') || ' MW, gaz de '"
            ~ " || coalesce(" ~ en_entier('min(consommation_gaz_mw)') ~ ", '?') || ' à ' || coalesce("
            ~ en_entier('max(consommation_gaz_mw)') ~ ", '?') || ' MW'",
            "'écartée de l''énergie'",
        ) }}
    from {{ staging }}
    where est_ignoree and {{ fenetre }}
    group by {{ par_groupe }}, date_locale
    union all
    -- The published day is not the day of the instant; all territories of a month are one fault.
    select
        {{ faute(
            "'" ~ jeu ~ "'",
            'cast(null as string)',
            'min(date_locale)',
            'cast(null as string)',
            'max(date_locale)',
            'cast(null as string)',
            "case when est_inverse then 'jour et mois échangés' else 'jour publié faux' end",
            'sum(nombre)',
            "'le ' || cast(min(date_locale) as string) || ' est imprimé ' || min(jour_imprime) || ' ; le jour vient de l''instant'",
            "'corrigée'",
        ) }}
    from (
        select
            mois,
            date_locale,
            jour_imprime,
            nombre,
            jour_imprime in (
                substr(jour_local, 1, 5) || substr(jour_local, 9, 2) || '-' || substr(jour_local, 6, 2),
                substr(jour_local, 6, 2) || '/' || substr(jour_local, 9, 2) || '/' || substr(jour_local, 1, 4)
            ) as est_inverse
        from (
            select
                mois,
                date_locale,
                cast(date_locale as string) as jour_local,
                cast(date_publiee as string) as jour_imprime,
                count(*) as nombre
            from {{ staging }}
            where {{ fenetre }}
            group by mois, date_locale, date_publiee
        ) as jours
        where
            jour_imprime not in (
                jour_local,
                substr(jour_local, 9, 2) || '/' || substr(jour_local, 6, 2) || '/' || substr(jour_local, 1, 4)
            )
    ) as faux
    group by mois, est_inverse
    union all
    -- An unknown status.
    select
        {{ faute(
            "'" ~ jeu ~ "'",
            code_region,
            'min(date_locale)',
            'min(heure_locale)',
            'max(date_locale)',
            'max(heure_locale)',
            "'statut inconnu'",
            'count(*)',
            "'« ' || mot || ' » (' || colonne || ') n''est pas dans statuts.csv ; la ligne est gardée, son statut est nul'",
            "'signalée'",
        ) }}
    from (
        {%- for colonne in ['electricite', 'gaz_natran', 'gaz_terega'] %}
        select
            {{ par_groupe }},
            date_locale,
            heure_locale,
            statut_{{ colonne }}_publie as mot,
            '{{ colonne }}' as colonne
        from {{ staging }}
        where {{ fenetre }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as mots
    where mot is not null and mot not in (select statuts.statut_publie from {{ ref('statuts') }} as statuts)
    group by {{ par_groupe }}, mot, colonne
    union all
    -- Gas is read on the hour.
    select
        {{ faute(
            "'" ~ jeu ~ "'",
            code_region,
            'date_locale',
            'min(heure_locale)',
            'date_locale',
            'max(heure_locale)',
            "'gaz hors de l''heure'",
            'count(*)',
            "cast(count(*) as string) || ' lectures de gaz à :30, que rien ne permet de replacer'",
            "'signalée'",
        ) }}
    from {{ fait }}
    where
        consommation_gaz_mw is not null and not est_heure_fictive and substr(heure_locale, 4, 2) <> '00'
        and {{ fenetre }}
    group by {{ par_groupe }}, date_locale
{%- endmacro %}
