{#- A fact with codes of communes is added here, by one line. -#}
{%- set faits = [
    ('fct_consommation_annuelle', 'code_territoire', "maille = 'commune'"),
    ('fct_logement', 'code_commune', 'true'),
    ('fct_population', 'code_territoire', "maille = 'commune'"),
] -%}

with

actives as (

    select code_commune from {{ ref('dim_commune') }}
    where est_active

),

nombre_actives as (

    select count(*) as nombre from actives

),

codes as (

    {% for fait, colonne, condition in faits -%}
    select
        '{{ fait }}' as nom_table,
        {{ colonne }} as code_commune,
        annee,
        count(*) as nombre_lignes,
        sum(count(*)) over () as lignes_de_la_table
    from {{ ref(fait) }}
    where {{ condition }}
    group by {{ colonne }}, annee
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        codes.nom_table,
        codes.code_commune,
        cast(codes.annee as integer) as annee,
        cast(codes.nombre_lignes as integer) as nombre_lignes,
        cast(codes.lignes_de_la_table as integer) as lignes_de_la_table
    from codes
    -- Without any edition of the official codes nothing can be an orphan.
    inner join nombre_actives on nombre_actives.nombre > 0
    left join actives on codes.code_commune = actives.code_commune
    where actives.code_commune is null

)

select * from final
