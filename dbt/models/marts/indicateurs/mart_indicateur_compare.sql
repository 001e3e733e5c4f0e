with

toutes as (

    select
        code_indicateur,
        maille,
        code_territoire,
        annee,
        coalesce(sous_champ, '') as partie,
        sous_champ,
        valeur,
        unite,
        proprietaire
    from {{ ref('fct_indicateur') }}

),

-- For communes only the newest year of a series, with the row before it: millions of older rows are not ranked at
-- each refresh.
dernieres as (

    select
        code_indicateur,
        partie,
        max(annee) as annee
    from toutes
    where maille = 'commune'
    group by code_indicateur, partie

),

precedentes as (

    select
        toutes.code_indicateur,
        toutes.partie,
        toutes.code_territoire,
        max(toutes.annee) as annee
    from toutes
    inner join dernieres on toutes.code_indicateur = dernieres.code_indicateur and toutes.partie = dernieres.partie
    where toutes.maille = 'commune' and toutes.annee < dernieres.annee
    group by toutes.code_indicateur, toutes.partie, toutes.code_territoire

),

valeurs as (

    select
        toutes.*,
        toutes.maille <> 'commune' or toutes.annee = dernieres.annee as est_comparee
    from toutes
    left join dernieres on toutes.code_indicateur = dernieres.code_indicateur and toutes.partie = dernieres.partie
    left join precedentes
        on
            toutes.code_indicateur = precedentes.code_indicateur
            and toutes.partie = precedentes.partie
            and toutes.code_territoire = precedentes.code_territoire
    where toutes.maille <> 'commune' or toutes.annee = dernieres.annee or toutes.annee = precedentes.annee

),

communes_des_epci as (

    select
        code_epci,
        code_departement,
        count(*) as nombre_communes
    from {{ ref('dim_commune') }}
    where est_active and code_epci is not null
    group by code_epci, code_departement

),

-- An EPCI may lie in several départements: its parent is the one with most of its communes, and of equal ones the
-- first code.
departements_des_epci as (

    select
        code_epci,
        code_departement
    from communes_des_epci
    qualify row_number() over (partition by code_epci order by nombre_communes desc, code_departement asc) = 1

),

parents as (

    select
        maille,
        code_territoire,
        maille_ancetre as maille_parent,
        code_ancetre as code_parent
    from {{ ref('int_indicateur_liens') }}
    where (maille, maille_ancetre) in (('commune', 'departement'), ('departement', 'region'), ('region', 'nation'))
    union all
    select
        'epci' as maille,
        code_epci as code_territoire,
        'departement' as maille_parent,
        code_departement as code_parent
    from departements_des_epci

),

-- Peers are the territories of the same grain with a value that year. The percentile counts the peers below, so that
-- equal values get the same one.
rangs as (

    select
        *,
        case when valeur is not null then rank() over (plus_grands_d_abord) end as rang,
        count(valeur) over (groupe) as nombre_pairs,
        case when valeur is not null then rank() over (plus_petits_d_abord) - 1 end as plus_petits,
        lag(annee) over (serie) as annee_precedente,
        lag(valeur) over (serie) as valeur_precedente
    from valeurs
    window
        groupe as (partition by code_indicateur, maille, partie, annee),
        plus_grands_d_abord as (
            partition by code_indicateur, maille, partie, annee order by valeur desc nulls last
        ),
        plus_petits_d_abord as (
            partition by code_indicateur, maille, partie, annee order by valeur asc nulls last
        ),
        serie as (partition by code_indicateur, maille, partie, code_territoire order by annee)

),

-- The latest break that lies between a value and the one before it.
ruptures as (

    select
        rangs.code_indicateur,
        rangs.maille,
        rangs.code_territoire,
        rangs.partie,
        rangs.annee,
        max_by(ruptures.motif, ruptures.date_rupture) as motif
    from rangs
    inner join {{ ref('meta_ruptures') }} as ruptures
        on
            ruptures.nom_table = 'fct_indicateur'
            and rangs.code_indicateur = ruptures.mesure
            and not ruptures.est_comparable
            and rangs.annee_precedente < extract(year from ruptures.date_rupture)
            and rangs.annee >= extract(year from ruptures.date_rupture)
    group by rangs.code_indicateur, rangs.maille, rangs.code_territoire, rangs.partie, rangs.annee

),

final as (

    select
        rangs.code_indicateur,
        rangs.maille,
        rangs.code_territoire,
        rangs.annee,
        rangs.sous_champ,
        rangs.valeur,
        rangs.unite,
        parents.maille_parent,
        parents.code_parent,
        du_parent.valeur as valeur_parent,
        100 * (rangs.valeur - du_parent.valeur) / nullif(abs(du_parent.valeur), 0) as ecart_parent_pct,
        cast(rangs.rang as integer) as rang,
        cast(rangs.nombre_pairs as integer) as nombre_pairs,
        100 * rangs.plus_petits / nullif(rangs.nombre_pairs - 1, 0) as centile,
        rangs.annee_precedente,
        case
            when ruptures.motif is null
                then 100 * (rangs.valeur - rangs.valeur_precedente) / nullif(abs(rangs.valeur_precedente), 0)
        end as evolution_pct,
        ruptures.motif as motif_rupture,
        rangs.proprietaire
    from rangs
    left join ruptures
        on
            rangs.code_indicateur = ruptures.code_indicateur
            and rangs.maille = ruptures.maille
            and rangs.code_territoire = ruptures.code_territoire
            and rangs.partie = ruptures.partie
            and rangs.annee = ruptures.annee
    left join parents on rangs.maille = parents.maille and rangs.code_territoire = parents.code_territoire
    left join valeurs as du_parent
        on
            rangs.code_indicateur = du_parent.code_indicateur
            and rangs.annee = du_parent.annee
            and rangs.partie = du_parent.partie
            and parents.maille_parent = du_parent.maille
            and parents.code_parent = du_parent.code_territoire
    where rangs.est_comparee

)

select * from final
order by maille, code_territoire, code_indicateur, annee, sous_champ nulls first
