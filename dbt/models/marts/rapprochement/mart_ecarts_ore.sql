{#- The two older data sets; both were published for 2011 to 2019. -#}
{%- set par_departement = "'conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement'" -%}
{%- set par_region = "'conso-elec-gaz-annuelle-par-naf-agregee-region'" -%}

with

lignes as (

    select * from {{ ref('int_consommation_annuelle_lignes') }}
    where
        source in ({{ par_departement }}, {{ par_region }})
        and code_region is not null

),

annees_communes as (

    select annee
    from lignes
    group by annee
    having count(distinct source) = 2

),

sommes as (

    select
        lignes.annee,
        lignes.code_region,
        lignes.energie,
        lignes.code_secteur,
        {{ somme('lignes.energie_mwh', si='lignes.source = ' ~ par_departement) }}
            as energie_par_departement_mwh,
        {{ somme('lignes.energie_mwh', si='lignes.source = ' ~ par_region) }}
            as energie_par_region_mwh,
        cast(sum(lignes.nombre_mailles_secretisees) filter (where lignes.source = {{ par_departement }}) as bigint)
            as nombre_mailles_secretisees_departement,
        cast(sum(lignes.nombre_mailles_secretisees) filter (where lignes.source = {{ par_region }}) as bigint)
            as nombre_mailles_secretisees_region
    from lignes
    inner join annees_communes on lignes.annee = annees_communes.annee
    group by lignes.annee, lignes.code_region, lignes.energie, lignes.code_secteur

),

ecarts as (

    select
        *,
        energie_par_region_mwh - energie_par_departement_mwh as ecart_mwh,
        100 * (energie_par_region_mwh - energie_par_departement_mwh)
        / nullif(energie_par_departement_mwh, 0) as ecart_pct
    from sommes

),

-- Cells with too few consumers are hidden, more often by département than by region: secrecy can only make the sum of
-- départements smaller.
final as (

    select
        annee,
        code_region,
        energie,
        code_secteur,
        energie_par_departement_mwh,
        energie_par_region_mwh,
        ecart_mwh,
        ecart_pct,
        nombre_mailles_secretisees_departement,
        nombre_mailles_secretisees_region,
        case
            when abs(ecart_mwh) <= 1 then 'aucun écart'
            -- The older form prints a zero where a sector has no delivery point; the other has no row.
            when energie_par_departement_mwh = 0 and energie_par_region_mwh is null then 'aucun écart'
            when annee >= 2018 then 'régions et secteurs revus entre les deux copies'
            when ecart_mwh > 0 and nombre_mailles_secretisees_departement > 0
                then 'secret statistique plus large par département'
            when ecart_mwh < 0 and abs(ecart_pct) <= 0.05 then 'valeur revue entre les deux copies'
            else 'inexpliqué'
        end as raison
    from ecarts

)

select * from final
