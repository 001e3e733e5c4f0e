with

lignes as (

    select * from {{ ref('int_consommation_annuelle_lignes') }}
    where code_territoire is not null

),

-- A whole year of a grain comes from one data set: two of them never mix, their sectors are not cut alike.
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
        sum(lignes.energie_mwh order by lignes.energie_mwh) as energie_mwh,
        sum(lignes.nombre_points) as nombre_points,
        coalesce(sum(lignes.nombre_mailles_secretisees), 0) as nombre_mailles_secretisees,
        count(*) - count(lignes.energie_mwh) as nombre_lignes_sans_valeur,
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
        -- One operator's true zero does not make a zero of what another may not tell.
        {{ sauf_secret('energie_mwh', 'energie_mwh', 'nombre_mailles_secretisees') }} as energie_mwh,
        cast({{ sauf_secret('nombre_points', 'energie_mwh', 'nombre_mailles_secretisees') }} as bigint)
            as nombre_points,
        cast(nombre_mailles_secretisees as bigint) as nombre_mailles_secretisees,
        nombre_mailles_secretisees > 0 as est_secret,
        cast(nombre_lignes_sans_valeur as integer) as nombre_lignes_sans_valeur,
        source
    from sommes

)

select * from final
