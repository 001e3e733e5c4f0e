with

publiees as (

    select * from {{ ref('int_consommation_annuelle_lignes') }}
    where code_territoire is not null

),

-- The series of a merged commune continues under its successor. Where the successor is unknown the published code is
-- kept: nothing is lost, and mart_codes_orphelins lists it.
lignes as (

    select
        publiees.source,
        publiees.rang,
        publiees.maille,
        coalesce(successeurs.code_commune_actuelle, publiees.code_territoire) as code_territoire,
        publiees.annee,
        publiees.code_secteur,
        publiees.energie,
        publiees.energie_mwh,
        publiees.nombre_points,
        publiees.nombre_mailles_secretisees,
        coalesce(successeurs.est_scindee, false) as est_scindee
    from publiees
    left join {{ ref('int_commune_successeurs') }} as successeurs
        on
            publiees.maille = 'commune'
            and publiees.code_territoire = successeurs.code_commune
            and publiees.annee between successeurs.premier_millesime and successeurs.dernier_millesime

),

-- A year of a grain comes from one data set only: two are never mixed, since their sectors differ.
retenues as (

    select
        maille,
        annee,
        energie,
        min(rang) as rang
    from lignes
    group by maille, annee, energie

),

-- Operators, categories and NAF divisions are parts of one consumption: they add up.
sommes as (

    select
        lignes.maille,
        lignes.code_territoire,
        lignes.annee,
        lignes.code_secteur,
        lignes.energie,
        -- In a fixed order: the last digits of a sum of doubles depend on it, and equal content must stay equal.
        {{ somme('lignes.energie_mwh') }} as energie_mwh,
        sum(lignes.nombre_points) as nombre_points,
        coalesce(sum(lignes.nombre_mailles_secretisees), 0) as nombre_mailles_secretisees,
        count(*) - count(lignes.energie_mwh) as nombre_lignes_sans_valeur,
        max(case when lignes.est_scindee then 1 else 0 end) = 1 as est_scindee,
        min(lignes.source) as source
    from lignes
    inner join retenues
        on
            lignes.maille = retenues.maille
            and lignes.annee = retenues.annee
            and lignes.energie = retenues.energie
            and lignes.rang = retenues.rang
    group by lignes.maille, lignes.code_territoire, lignes.annee, lignes.code_secteur, lignes.energie

),

final as (

    select
        maille,
        code_territoire,
        annee,
        code_secteur,
        energie,
        -- A true zero of one operator does not turn another's secret value into zero.
        {{ sauf_secret('energie_mwh', 'energie_mwh', 'nombre_mailles_secretisees') }} as energie_mwh,
        cast({{ sauf_secret('nombre_points', 'energie_mwh', 'nombre_mailles_secretisees') }} as bigint)
            as nombre_points,
        cast(nombre_mailles_secretisees as bigint) as nombre_mailles_secretisees,
        nombre_mailles_secretisees > 0 as est_secret,
        cast(nombre_lignes_sans_valeur as integer) as nombre_lignes_sans_valeur,
        est_scindee,
        source
    from sommes

)

select * from final
