with

regions as (

    select
        maille,
        code_territoire,
        annee,
        energie,
        code_secteur,
        energie_mwh,
        est_secret or nombre_lignes_sans_valeur > 0 as est_minimum
    from {{ ref('fct_consommation_annuelle') }}
    where maille in ('region', 'departement')

),

-- A sum over the published regions, Corsica and overseas included.
nation as (

    select
        'nation' as maille,
        'FR' as code_territoire,
        annee,
        energie,
        code_secteur,
        {{ somme_exacte('energie_mwh') }} as energie_mwh,
        bool_or(est_minimum) as est_minimum
    from regions
    where maille = 'region'
    group by annee, energie, code_secteur

),

lignes as (

    select * from regions
    union all
    select * from nation

),

totaux as (

    select
        *,
        sum(cast(energie_mwh as decimal(38, 6))) over (partition by maille, code_territoire, annee, energie)
            as energie_totale_mwh,
        bool_or(est_minimum) over (partition by maille, code_territoire, annee, energie) as est_part_approchee
    from lignes

),

final as (

    select
        totaux.maille,
        totaux.code_territoire,
        totaux.annee,
        totaux.energie,
        totaux.code_secteur,
        secteurs.nom_secteur,
        totaux.energie_mwh,
        100 * totaux.energie_mwh / nullif(cast(totaux.energie_totale_mwh as double), 0) as part_pct,
        totaux.est_minimum,
        totaux.est_part_approchee
    from totaux
    inner join {{ ref('dim_secteur') }} as secteurs on totaux.code_secteur = secteurs.code_secteur

)

select * from final
