{#- Charging points: identifiers, places and booleans in the forms that publishers use. -#}

{#- Identifier of a point or station in the AFIREV form: without the stars and spaces of local identifiers. -#}
{% macro identifiant_de_borne(texte) -%}
    nullif(upper(replace(replace({{ texte }}, '*', ''), ' ', '')), '')
{%- endmacro %}


{#- Whether a text stands for a missing identifier: the schema asks for `Non concerné` outside roaming, which is found
    without its accent, with a broken one, and in other words; nothing at all stands for one, too. -#}
{% macro est_sans_identifiant(texte) -%}
    {%- set lettres -%} coalesce({{ remplacer(forme_comparable(texte), '[^a-z0-9]+', '') }}, '') {%- endset -%}
    (
        {{ lettres }} like 'nonconcern%'
        or {{ lettres }} in (
            '', 'sansobjet', 'neant', 'aucun', 'aucune', 'inconnu', 'inconnue', 'na', 'nc', 'nd', 'nr', 'nan', 'null',
            'none'
        )
    )
{%- endmacro %}


{#- Identifier for roaming of a point or station: two letters of the country, then letters and digits, as the schema
    says. One digit at least, or the E or P of the French form (FRMFCPANCENIS), so that words in capitals are none. Null for
    any other text. -#}
{% macro identifiant_afirev(texte) -%}
    {%- set identifiant -%} {{ identifiant_de_borne(texte) }} {%- endset -%}
    case
        when
            {{ correspond_a(identifiant, '^[A-Z]{2}[A-Z0-9]{4,33}$') }}
            and {{ correspond_a(identifiant, '[0-9]|^FR[A-Z0-9]{3}[EP]') }}
            and not {{ est_sans_identifiant(texte) }}
            then {{ identifiant }}
    end
{%- endmacro %}


{#- An identifier that only its own place and operator understand, compared like the others; null if it is none. -#}
{% macro identifiant_local(texte) -%}
    case when not {{ est_sans_identifiant(texte) }} then {{ identifiant_de_borne(texte) }} end
{%- endmacro %}


{#- Code of a commune in five characters, from the ways in which it is written: a zero lost by a spreadsheet, spaces,
    `.0`; null for anything else. -#}
{% macro code_de_commune_lu(texte) -%}
    {%- set code -%} upper({{ remplacer(texte, '[\\s\\x{00A0}]|[.]0+$', '') }}) {%- endset -%}
    case
        when {{ correspond_a(code, '^[1-9][0-9]{3}$') }} then '0' || {{ code }}
        when {{ correspond_a(code, '^([013-9][0-9]|2[AB1-9])[0-9]{3}$') }} then {{ code }}
    end
{%- endmacro %}


{#- Postal code, and name of a commune behind it, in an address such as `3 Rue Laurent Lavoisier, 80330 Longueau`. -#}
{% macro code_postal_de_l_adresse(adresse) -%}
    nullif({{ extrait(adresse, '^(.*[^0-9])?([0-9]{5})[ ,-]+[^0-9 ,-]', 2) }}, '')
{%- endmacro %}
{% macro commune_de_l_adresse(adresse) -%}
    nullif({{ extrait(adresse, '^(.*[^0-9])?[0-9]{5}[ ,-]+([^0-9 ,-][^0-9,(]*)', 2) }}, '')
{%- endmacro %}


{#- Département of a postal code: its first two digits, three overseas; the south of Corsica begins with 200 and 201. A
    few communes have the code of a neighbouring département. -#}
{% macro departement_du_code_postal(code_postal) -%}
    case
        when {{ code_postal }} between '20000' and '20199' then '2A'
        when {{ code_postal }} like '20___' then '2B'
        when {{ code_postal }} like '97___' then substr({{ code_postal }}, 1, 3)
        when {{ correspond_a(code_postal, '^[0-9]{5}$') }} then substr({{ code_postal }}, 1, 2)
    end
{%- endmacro %}


{#- Name of a commune in the form in which names are compared: `St-Étienne CEDEX 2` is `saint etienne`. -#}
{% macro nom_de_commune_comparable(nom) -%}
    {%- set mots -%} {{ remplacer(forme_comparable("replace(" ~ nom ~ ", 'œ', 'oe')"), '[^a-z]+', ' ') }} {%- endset -%}
    {%- set sans_cedex -%} {{ remplacer(mots, ' (cedex|france)( .*)?$', '') }} {%- endset -%}
    trim({{ remplacer(remplacer(sans_cedex, '(^| )st ', '\\1saint '), '(^| )ste ', '\\1sainte ') }})
{%- endmacro %}


{#- Whether a point lies in France, overseas included, to a tenth of a degree: boxes in which no point of France falls
    when its two numbers are exchanged. -#}
{% macro est_en_france(longitude, latitude) -%}
    (
        {%- for ouest, est, sud, nord in [
            (-5.3, 9.7, 41.2, 51.2),
            (-63.3, -60.7, 14.2, 18.3),
            (-54.8, -51.4, 2.0, 5.9),
            (55.1, 55.9, -21.5, -20.7),
            (44.9, 45.4, -13.2, -12.5),
            (-56.6, -56.0, 46.6, 47.3),
        ] %}
        {{ longitude }} between {{ ouest }} and {{ est }} and {{ latitude }} between {{ sud }} and {{ nord }}
        {{- ' or' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{#- Identifier of a point's station, from the point's own: E becomes P, and the last part (the number of the point)
    is dropped. Right for 2 037 of the 2 073 points of the file of 2022-12; the others are at two stations whose
    points have one more part. -#}
{% macro station_du_point(id_local) -%}
    substr({{ id_local }}, 1, 7) || case when substr({{ id_local }}, 8, 1) = 'E' then 'P' end
        || {{ remplacer('substr(' ~ id_local ~ ', 9)', '[*][^*]*$', '') }}
{%- endmacro %}


{#- First or second number of a point written `48.8737, 2.314663` or `[2.314663, 48.8737]`. -#}
{% macro nombre_du_point(texte, rang) -%}
    try_cast(trim(split_part(replace(replace({{ texte }}, '[', ''), ']', ''), ',', {{ rang }})) as double)
{%- endmacro %}


{#- Boolean from a text: true, True, 1, oui; null stays null. -#}
{% macro vrai(texte) -%}
    (lower(trim({{ texte }})) in ('true', '1', 'oui', 'vrai'))
{%- endmacro %}


{#- Municipal arrondissement of Paris (75101 to 75120) of a Belib' point; null when it is unknown.

    The postal code of the address comes first: in each of the 35 rows of the published states where code and label
    contradict each other, it agrees with one of them (16116 for 75116; 75114 for an address in 75010). -#}
{% macro arrondissement_de_paris(adresse, code_insee, libelle) -%}
    {%- set par_adresse -%} right({{ extrait(adresse, '75[01][0-9]{2}', 0) }}, 2) {%- endset -%}
    {%- set par_code -%} substr({{ code_insee }}, 4, 2) {%- endset -%}
    {%- set par_libelle -%} {{ extrait(libelle, '^([0-9]{2})e ', 1) }} {%- endset -%}
    case
        when {{ par_adresse }} between '01' and '20' then '751' || {{ par_adresse }}
        when {{ code_insee }} like '751__' and {{ par_code }} between '01' and '20' then {{ code_insee }}
        when {{ par_libelle }} between '01' and '20' then '751' || {{ par_libelle }}
    end
{%- endmacro %}


{#- Municipal arrondissement of Paris, Lyon or Marseille that a published commune code stands for; a postal code of
    Paris is accepted too, as in the schema's own example. Null for a commune. -#}
{% macro arrondissement_du_code(code) -%}
    case
        when {{ code }} between '75101' and '75120' then {{ code }}
        when {{ code }} between '75001' and '75020' then '751' || substr({{ code }}, 4, 2)
        when {{ code }} between '69381' and '69389' then {{ code }}
        when {{ code }} between '13201' and '13216' then {{ code }}
    end
{%- endmacro %}


{#- Power (kW). No charging point has 1 000 kW, so larger numbers are watts; zero means unknown. -#}
{% macro puissance_kw(puissance) -%}
    case when {{ puissance }} > 1000 then {{ puissance }} / 1000 when {{ puissance }} > 0 then {{ puissance }} end
{%- endmacro %}


{#- The usual interval between two states (minutes): the schedule of the data set. A status holds until the next
    state that has the point, but at most twice this long; after that nothing is known. -#}
{% macro intervalle_usuel_min() -%} 15 {%- endmacro %}


{#- Whether a status has been unchanged for too long to be believed. A charge of 100 kWh at 3 kW, the slowest points
    of Belib', takes 33 hours: after 48, occupied or reserved is stuck. Each night at 04:30 the operator stamps
    unchanged points with a new time (505 points of the file of 2022-12, 1 013 of a state of January 2023): a point
    that is free for 30 days has missed thirty nights. -#}
{% macro est_statut_fige(statut, depuis, releve_a) -%}
    coalesce(
        case
            when {{ statut }} in ('occupe', 'reserve') then {{ heures_entre(depuis, releve_a) }} > 48
            when {{ statut }} = 'libre' then {{ heures_entre(depuis, releve_a) }} > 30 * 24
        end, false
    )
{%- endmacro %}


{#- First instant of a month (YYYY-MM) in Paris. -#}
{% macro debut_du_mois(mois) -%}
    {{ instant_de_paris("cast('" ~ mois ~ "-01 00:00:00' as timestamp)") }}
{%- endmacro %}


{#- The month before a month (YYYY-MM). -#}
{% macro mois_precedent(mois) -%}
    {%- set annee, numero = mois.split('-') | map('int') -%}
    {{ return('%04d-%02d' % ((annee, numero - 1) if numero > 1 else (annee - 1, 12))) }}
{%- endmacro %}


{#- SQL condition that keeps the hours to rebuild: the months of this build, and the three days before each. The
    weather of an hour is read until two days later, so a reading on the first of a month changes the end of the
    month before. Always true on a full build. `heure` lies in the months of `mois`, which prune the files. -#}
{% macro dans_la_fenetre_et_la_veille(heure, mois='mois') -%}
    {%- set voulus = mois_a_refaire() -%}
    {%- if is_incremental() and voulus -%}
        {%- set lus = [] -%}
        {%- for m in voulus -%} {%- do lus.extend([m, mois_precedent(m)]) -%} {%- endfor -%}
        ({{ mois }} in ('{{ lus | unique | join("', '") }}') and ({{ dans_la_fenetre(mois) }}
        {%- for m in voulus %}
        or {{ heure }} >= {{ debut_du_mois(m) }} - interval 72 hours and {{ heure }} < {{ debut_du_mois(m) }}
        {%- endfor %}))
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#- Pre-hook of the hours of occupation: deletes the hours to rebuild, in the transaction that inserts them. -#}
{% macro vider_la_fenetre_et_la_veille(heure) -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ dans_la_fenetre_et_la_veille(heure) }}
    {%- endif -%}
{%- endmacro %}
