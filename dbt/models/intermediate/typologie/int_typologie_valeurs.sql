{#- INSEE calls a commune of 2,000 inhabitants a town. Below that, the census counts little and secrecy hides much. -#}
{%- set habitants_d_une_ville = 2000 -%}
{#- As FEWEST_KNOWN in dataelec_assets/analysis/typologie/features.py. -#}
{%- set part_connue = 0.75 -%}
with

indicateurs as (

    select
        code_indicateur,
        maille,
        code_territoire,
        annee,
        coalesce(sous_champ, '') as sous_champ,
        valeur
    from {{ ref('fct_indicateur') }}
    where maille in ('commune', 'epci') and valeur is not null

),

derniere_population as (

    select
        maille,
        max(annee) as annee
    from indicateurs
    where code_indicateur = 'population'
    group by maille

),

territoires as (

    select
        indicateurs.maille,
        indicateurs.code_territoire
    from indicateurs
    inner join derniere_population
        on indicateurs.maille = derniere_population.maille and indicateurs.annee = derniere_population.annee
    where
        indicateurs.code_indicateur = 'population'
        and (indicateurs.maille = 'epci' or indicateurs.valeur >= {{ habitants_d_une_ville }})

),

nombres as (

    select
        maille,
        count(*) as nombre
    from territoires
    group by maille

),

criteres as (

    select
        ordre,
        code_indicateur,
        coalesce(sous_champ, '') as sous_champ,
        transformation,
        mot_haut,
        mot_bas
    from {{ ref('typologie_criteres') }}

),

valeurs as (

    select
        territoires.maille,
        territoires.code_territoire,
        criteres.ordre,
        indicateurs.annee,
        indicateurs.valeur
    from territoires
    inner join indicateurs
        on
            territoires.maille = indicateurs.maille
            and territoires.code_territoire = indicateurs.code_territoire
    inner join criteres
        on
            indicateurs.code_indicateur = criteres.code_indicateur
            and indicateurs.sous_champ = criteres.sous_champ

),

connus as (

    select
        valeurs.maille,
        valeurs.ordre,
        valeurs.annee
    from valeurs
    inner join nombres on valeurs.maille = nombres.maille
    group by valeurs.maille, valeurs.ordre, valeurs.annee, nombres.nombre
    having count(*) >= {{ part_connue }} * nombres.nombre

),

-- Each indicator has its own year: the last in which it is known for enough territories.
annees as (

    select
        maille,
        ordre,
        max(annee) as annee
    from connus
    group by maille, ordre

),

final as (

    select
        territoires.maille,
        territoires.code_territoire,
        criteres.code_indicateur,
        nullif(criteres.sous_champ, '') as sous_champ,
        criteres.ordre,
        criteres.transformation,
        criteres.mot_haut,
        criteres.mot_bas,
        annees.annee,
        valeurs.valeur
    from territoires
    cross join criteres
    left join annees on territoires.maille = annees.maille and criteres.ordre = annees.ordre
    left join valeurs
        on
            territoires.maille = valeurs.maille
            and territoires.code_territoire = valeurs.code_territoire
            and criteres.ordre = valeurs.ordre
            and annees.annee = valeurs.annee

)

select * from final
