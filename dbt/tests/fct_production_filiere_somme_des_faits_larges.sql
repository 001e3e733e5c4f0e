{%- set communes = [
    'nucleaire', 'eolien', 'solaire', 'hydraulique', 'bioenergies', 'pompage', 'stockage_batterie',
    'destockage_batterie',
] -%}
{%- set larges = [
    (ref('fct_eco2mix_national'), "'FR'", communes + ['gaz', 'charbon', 'fioul']),
    (ref('fct_eco2mix_regional'), 'code_region', communes + ['thermique']),
] %}
with

attendues as (

    {% for large, territoire, filieres in larges -%}
    {%- set derniere = loop.last -%}
    {%- for filiere in filieres -%}
    select
        mois,
        {{ territoire }} as territoire,
        '{{ filiere }}' as filiere,
        count({{ filiere }}_mw) as lectures,
        sum({{ filiere }}_mw) as somme_mw
    from {{ large }}
    where {{ mois_du_controle() }}
    group by all
    {{ 'union all' if not (loop.last and derniere) }}
    {% endfor -%}
    {%- endfor -%}

),

obtenues as (

    select
        mois,
        territoire,
        filiere,
        count(production_mw) as lectures,
        sum(production_mw) as somme_mw
    from {{ ref('fct_production_filiere') }}
    where {{ mois_du_controle() }}
    group by mois, territoire, filiere

)

select
    attendues.*,
    obtenues.lectures as lectures_obtenues,
    obtenues.somme_mw as somme_obtenue_mw,
    'production perdue ou doublée' as message
from attendues
left join obtenues
    on
        attendues.mois = obtenues.mois
        and attendues.territoire = obtenues.territoire
        and attendues.filiere = obtenues.filiere
where
    attendues.lectures > 0
    and (
        obtenues.lectures is null
        or attendues.lectures <> obtenues.lectures
        or abs(attendues.somme_mw - obtenues.somme_mw) > 1
    )
