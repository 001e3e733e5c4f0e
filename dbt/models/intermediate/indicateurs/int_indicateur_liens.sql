{#- Each grain with the grains above it. An EPCI may lie in two départements, so only communes belong to one. -#}
{%- set ancetres = {
    'commune': [('epci', 'code_epci'), ('departement', 'code_departement'), ('region', 'code_region'), ('nation', "'FR'")],
    'departement': [('region', 'code_region'), ('nation', "'FR'")],
    'region': [('nation', "'FR'")],
} -%}
with

commune as (

    select
        code_commune as code_territoire,
        code_epci,
        code_departement,
        code_region
    from {{ ref('dim_commune') }}
    where est_active

),

departement as (

    select
        code_departement as code_territoire,
        code_region
    from {{ ref('dim_departement') }}

),

region as (

    select code_region as code_territoire
    from {{ ref('dim_region') }}

),

final as (

    {% for maille, au_dessus in ancetres.items() -%}
    {%- set derniere = loop.last -%}
    {%- for maille_ancetre, code in au_dessus -%}
    select
        '{{ maille }}' as maille,
        code_territoire,
        '{{ maille_ancetre }}' as maille_ancetre,
        {{ code }} as code_ancetre
    from {{ maille }}
    where {{ code }} is not null
    {{ 'union all' if not (derniere and loop.last) }}
    {% endfor %}
    {%- endfor %}

)

select * from final
