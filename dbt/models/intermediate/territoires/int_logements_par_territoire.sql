{#- A census covers every commune except the few without inhabitants: below this share the load is partial. -#}
{%- set part_des_communes = 0.95 -%}
with

communes as (

    select
        code_commune,
        code_departement,
        code_region,
        code_epci,
        coalesce(code_successeur, code_commune) as code_commune_actuelle,
        est_active
    from {{ ref('dim_commune') }}

),

dernier as (

    select max(annee) as annee from {{ ref('fct_logement') }}

),

-- Main residences: an empty or second home is hardly heated.
residences as (

    select
        communes.code_commune_actuelle as code_commune,
        {{ somme('logements.nombre_logements') }} as nombre_logements
    from {{ ref('fct_logement') }} as logements
    inner join dernier on logements.annee = dernier.annee
    inner join communes on logements.code_commune = communes.code_commune
    where logements.categorie_logement = 'résidence principale'
    group by communes.code_commune_actuelle

),

rtes as (

    select code_region
    from {{ ref('dim_region') }}
    where est_dans_perimetre_rte

),

places as (

    {%- for maille, code in [
        ('commune', 'code_commune'), ('epci', 'code_epci'), ('departement', 'code_departement'), ('region', 'code_region'),
    ] %}
    select
        '{{ maille }}' as maille,
        {{ code }} as code_territoire,
        code_commune
    from communes
    where est_active and {{ code }} is not null
    union all
    {% endfor %}
    select
        'nation' as maille,
        'FR' as code_territoire,
        communes.code_commune
    from communes
    inner join rtes on communes.code_region = rtes.code_region
    where communes.est_active

),

final as (

    select
        places.maille,
        places.code_territoire,
        dernier.annee as annee_logements,
        count(*) as nombre_communes,
        count(residences.code_commune) as nombre_communes_recensees,
        case
            when count(residences.code_commune) >= {{ part_des_communes }} * count(*)
                then {{ somme('residences.nombre_logements') }}
        end as nombre_logements
    from places
    cross join dernier
    left join residences on places.code_commune = residences.code_commune
    group by places.maille, places.code_territoire, dernier.annee

)

select * from final
