with

parts as (

    select
        'mart_mix_jour' as nom_table,
        maille,
        code_territoire,
        cast(date as string) as periode,
        part_pct
    from {{ ref('mart_mix_jour') }}
    union all
    select
        'mart_mix_saison' as nom_table,
        maille,
        code_territoire,
        saison || ' ' || cast(annee_saison as string) as periode,
        part_pct
    from {{ ref('mart_mix_saison') }}
    union all
    select
        'mart_mix_periode' as nom_table,
        maille,
        code_territoire,
        type_periode || ' ' || cast(debut as string) as periode,
        part_pct
    from {{ ref('mart_mix_periode') }}

)

select
    nom_table,
    maille,
    code_territoire,
    periode,
    sum(part_pct) as somme_pct,
    'parts qui ne font pas 100 %' as message
from parts
group by nom_table, maille, code_territoire, periode
-- Without any production there is no share.
having abs(sum(part_pct) - 100) > 0.01
