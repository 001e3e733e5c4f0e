{{ config(materialized='table') }}
{#- The grid: 10 to 20 °C for heating, 18 to 26 for cooling, by half a degree (docs/methods/thermosensibilite.md). In
    thousandths of a degree, as the days are. -#}
{%- set seuils = {'chauffage': range(10000, 20001, 500), 'climatisation': range(18000, 26001, 500)} -%}
{%- set serie = ['maille', 'code_territoire', 'energie'] -%}
{%- set ecarts = {
    'chauffage': 'seuils.seuil_mc - jours.temperature_mc',
    'climatisation': 'jours.temperature_mc - seuils.seuil_mc',
} -%}
with

jours as (

    select * from {{ ref('int_thermosensibilite_jours') }}

),

{% for usage in seuils %}
seuils_{{ usage }} as (

    select seuil_mc
    from (
        values
        {%- for seuil in seuils[usage] %}
        ({{ seuil }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as liste (seuil_mc)

),

-- Sums of a group of comparable days, for each threshold. Whole numbers: exact.
bruts_{{ usage }} as (

    select
        {%- for colonne in serie %}
        jours.{{ colonne }},
        {%- endfor %}
        jours.annee_de_chauffe,
        jours.groupe,
        seuils.seuil_mc,
        cast(count(*) as double) as n,
        count(*) filter (where {{ ecarts[usage] }} > 0) as jours_concernes,
        cast(sum(greatest({{ ecarts[usage] }}, 0)) as double) as x,
        cast(sum(greatest({{ ecarts[usage] }}, 0) * greatest({{ ecarts[usage] }}, 0)) as double) as xx,
        cast(sum(greatest({{ ecarts[usage] }}, 0) * jours.puissance_kw) as double) as xy,
        cast(sum(jours.puissance_kw) as double) as y
    from jours
    cross join seuils_{{ usage }} as seuils
    group by
        {%- for colonne in serie %}
        jours.{{ colonne }},
        {%- endfor %}
        jours.annee_de_chauffe, jours.groupe, seuils.seuil_mc

),

-- A heating year by itself, and all of them together: each has its own level, so their sums add up.
{{ usage }} as (

    {%- for periode in ['annee_de_chauffe', "'ensemble'"] %}
    select
        {{ serie | join(', ') }},
        {{ periode }} as periode,
        seuil_mc,
        sum(jours_concernes) as jours_concernes,
        sum(xx - x * x / n order by xx - x * x / n) as sxx,
        sum(xy - x * y / n order by xy - x * y / n) as sxy,
        sum(xx order by xx) as xx
    from bruts_{{ usage }}
    group by {{ serie | join(', ') }}, {{ periode }}, seuil_mc
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),
{% endfor %}

-- Below its threshold a day heats, above the other it cools: no day does both, so the product of their means is all
-- that is left of the cross product. Rounded to whole numbers, again so that the order of the sum does not matter.
produits as (

    select
        {%- for colonne in serie %}
        chauffage.{{ colonne }},
        {%- endfor %}
        chauffage.annee_de_chauffe,
        chauffage.seuil_mc as seuil_chauffage_mc,
        climatisation.seuil_mc as seuil_climatisation_mc,
        cast(sum(cast(round(-chauffage.x * climatisation.x / chauffage.n) as bigint)) as double) as sxz
    from bruts_chauffage as chauffage
    inner join bruts_climatisation as climatisation
        on
            {% for colonne in serie + ['annee_de_chauffe', 'groupe'] -%}
            chauffage.{{ colonne }} = climatisation.{{ colonne }} and {{ '' }}
            {%- endfor %}
            climatisation.seuil_mc > chauffage.seuil_mc
    group by
        {%- for colonne in serie %}
        chauffage.{{ colonne }},
        {%- endfor %}
        chauffage.annee_de_chauffe, chauffage.seuil_mc, climatisation.seuil_mc

),

croises as (

    {%- for periode in ['annee_de_chauffe', "'ensemble'"] %}
    select
        {{ serie | join(', ') }},
        {{ periode }} as periode,
        seuil_chauffage_mc,
        seuil_climatisation_mc,
        sum(sxz order by sxz) as sxz
    from produits
    group by {{ serie | join(', ') }}, {{ periode }}, seuil_chauffage_mc, seuil_climatisation_mc
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- The sum of squares that the groups leave. Sums of squares of whole kilowatts exceed 64 bits: doubles, in order.
variances_des_groupes as (

    select
        {{ serie | join(', ') }},
        annee_de_chauffe,
        groupe,
        count(*) * var_pop(puissance_kw order by date) as syy
    from jours
    group by {{ serie | join(', ') }}, annee_de_chauffe, groupe

),

variances as (

    {%- for periode in ['annee_de_chauffe', "'ensemble'"] %}
    select
        {{ serie | join(', ') }},
        {{ periode }} as periode,
        sum(syy order by syy) as syy
    from variances_des_groupes
    group by {{ serie | join(', ') }}, {{ periode }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- Least squares in closed form. A hinge that hardly moves within the groups (a billionth of its own square) has no
-- slope: what is left of it is rounding.
simples as (

    select
        {%- for colonne in serie %}
        chauffage.{{ colonne }},
        {%- endfor %}
        chauffage.periode,
        'chauffage' as modele,
        chauffage.seuil_mc as seuil_chauffage_mc,
        cast(null as integer) as seuil_climatisation_mc,
        chauffage.sxy / chauffage.sxx as gradient_chauffage_mw_par_c,
        cast(null as double) as gradient_climatisation_mw_par_c,
        variances.syy - chauffage.sxy * chauffage.sxy / chauffage.sxx as somme_des_carres,
        chauffage.jours_concernes as nombre_jours_sous_seuil,
        cast(null as bigint) as nombre_jours_au_dessus
    from chauffage
    inner join variances
        on
            {% for colonne in serie -%}
            chauffage.{{ colonne }} = variances.{{ colonne }} and {{ '' }}
            {%- endfor %}
            chauffage.periode = variances.periode
    where chauffage.sxx > 1e-9 * chauffage.xx

),

doubles as (

    select
        {%- for colonne in serie %}
        chauffage.{{ colonne }},
        {%- endfor %}
        chauffage.periode,
        chauffage.seuil_mc as seuil_chauffage_mc,
        climatisation.seuil_mc as seuil_climatisation_mc,
        chauffage.sxx,
        chauffage.sxy,
        climatisation.sxx as szz,
        climatisation.sxy as szy,
        croises.sxz,
        chauffage.sxx * climatisation.sxx - croises.sxz * croises.sxz as determinant,
        chauffage.jours_concernes as nombre_jours_sous_seuil,
        climatisation.jours_concernes as nombre_jours_au_dessus
    from croises
    inner join chauffage
        on
            {% for colonne in serie + ['periode'] -%}
            croises.{{ colonne }} = chauffage.{{ colonne }} and {{ '' }}
            {%- endfor %}
            croises.seuil_chauffage_mc = chauffage.seuil_mc
    inner join climatisation
        on
            {% for colonne in serie + ['periode'] -%}
            croises.{{ colonne }} = climatisation.{{ colonne }} and {{ '' }}
            {%- endfor %}
            croises.seuil_climatisation_mc = climatisation.seuil_mc
    where chauffage.sxx > 1e-9 * chauffage.xx and climatisation.sxx > 1e-9 * climatisation.xx

),

pentes as (

    select
        *,
        (sxy * szz - szy * sxz) / determinant as pente_chauffage,
        (szy * sxx - sxy * sxz) / determinant as pente_climatisation
    from doubles
    where determinant > 1e-9 * sxx * szz

),

candidats as (

    select * from simples

    union all

    select
        {%- for colonne in serie %}
        pentes.{{ colonne }},
        {%- endfor %}
        pentes.periode,
        'chauffage et climatisation' as modele,
        pentes.seuil_chauffage_mc,
        pentes.seuil_climatisation_mc,
        pentes.pente_chauffage as gradient_chauffage_mw_par_c,
        pentes.pente_climatisation as gradient_climatisation_mw_par_c,
        variances.syy - pentes.pente_chauffage * pentes.sxy - pentes.pente_climatisation * pentes.szy
            as somme_des_carres,
        pentes.nombre_jours_sous_seuil,
        pentes.nombre_jours_au_dessus
    from pentes
    inner join variances
        on
            {% for colonne in serie -%}
            pentes.{{ colonne }} = variances.{{ colonne }} and {{ '' }}
            {%- endfor %}
            pentes.periode = variances.periode

),

-- kW per thousandth of a degree is MW per degree. Of equal fits the lowest thresholds stand.
final as (

    select *
    from candidats
    qualify row_number() over (
        partition by {{ serie | join(', ') }}, periode, modele
        order by somme_des_carres asc, seuil_chauffage_mc asc, seuil_climatisation_mc asc nulls last
    ) = 1

)

select * from final
