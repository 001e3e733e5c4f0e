    create or replace temp table territoires as
    select 'nation' as maille, 'FR' as code, 'France' as nom, 0 as rang
    union all
    select 'region', code_region, nom_region, row_number() over (order by code_region)
    from dim_region where est_dans_perimetre_rte;
