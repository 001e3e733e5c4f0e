with

fiches as (

    select
        'belib' as source,
        *
    from
        {{
            ref(
                'stg_paris__belib_points_de_recharge_pour_vehicules_electriques_donnees_statiques'
            )
        }}
    union all
    select
        'irve' as source,
        *
    from {{ ref('stg_irve__bornes_de_recharge_irve') }}

),

-- Of several rows of a point, the newest, then the most powerful: nothing else shows which is right.
final as (

    select
        *,
        row_number() over (
            partition by source, id_pdc
            order by
                date_maj desc nulls last,
                puissance_nominale_kw desc nulls last,
                id_station asc nulls last,
                adresse asc nulls last,
                longitude asc nulls last,
                latitude asc nulls last,
                nom_station asc nulls last
        ) as rang,
        count(*) over (partition by source, id_pdc) as nombre_lignes
    from fiches

)

select * from final
