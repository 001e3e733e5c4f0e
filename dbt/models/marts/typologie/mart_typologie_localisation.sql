with

territoires as (

    select * from {{ ref('mart_typologie_territoires') }}
    where groupe is not null

),

ensemble as (

    select
        maille,
        groupe,
        count(*) / sum(count(*)) over (partition by maille) as part
    from territoires
    group by maille, groupe

),

lieux as (

    {%- for niveau in ['departement', 'region'] %}
    select
        maille,
        '{{ niveau }}' as niveau,
        code_{{ niveau }} as code_lieu,
        groupe,
        min(libelle_groupe) as libelle_groupe,
        count(*) as nombre_territoires,
        count(*) / sum(count(*)) over (partition by maille, code_{{ niveau }}) as part
    from territoires
    where code_{{ niveau }} is not null
    group by maille, code_{{ niveau }}, groupe
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        lieux.maille,
        lieux.niveau,
        lieux.code_lieu,
        lieux.groupe,
        lieux.libelle_groupe,
        cast(lieux.nombre_territoires as integer) as nombre_territoires,
        100.0 * lieux.part as part_pct,
        100.0 * ensemble.part as part_ensemble_pct,
        lieux.part / ensemble.part as specificite,
        row_number() over (
            partition by lieux.maille, lieux.niveau, lieux.code_lieu
            order by lieux.nombre_territoires desc, lieux.groupe asc
        ) = 1 as est_dominant
    from lieux
    inner join ensemble on lieux.maille = ensemble.maille and lieux.groupe = ensemble.groupe

)

select * from final
