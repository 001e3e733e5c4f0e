with

definitions as (

    select
        code_indicateur,
        regle_agregation
    from {{ ref('dim_indicateur') }}

),

valeurs as (

    select
        code_indicateur,
        maille,
        code_territoire,
        annee,
        coalesce(sous_champ, '') as partie,
        valeur,
        denominateur,
        maille_source
    from {{ ref('fct_indicateur') }}

),

-- The newest summed year of each series: all years are millions of rows, and all come from one formula.
dernieres as (

    select
        code_indicateur,
        maille,
        max(annee) as annee
    from valeurs
    where maille_source <> maille and valeur is not null
    group by code_indicateur, maille

),

agregats as (

    select valeurs.*
    from valeurs
    inner join dernieres
        on
            valeurs.code_indicateur = dernieres.code_indicateur
            and valeurs.maille = dernieres.maille
            and valeurs.annee = dernieres.annee
    where valeurs.maille_source <> valeurs.maille and valeurs.valeur is not null

),

parties as (

    select
        agregats.code_indicateur,
        agregats.maille,
        agregats.code_territoire,
        agregats.annee,
        agregats.partie,
        agregats.valeur,
        sum(parties.valeur) as somme_des_parties,
        max(parties.valeur) as plus_grande_partie,
        -- Consumption where nobody lives counts in the whole and has no ratio of its own.
        max(case when parties.denominateur = 0 then 1 else 0 end) = 1 as a_une_partie_sans_ratio
    from agregats
    left join {{ ref('int_indicateur_liens') }} as liens
        on
            agregats.maille_source = liens.maille
            and agregats.maille = liens.maille_ancetre
            and agregats.code_territoire = liens.code_ancetre
    left join valeurs as parties
        on
            liens.maille = parties.maille
            and liens.code_territoire = parties.code_territoire
            and agregats.code_indicateur = parties.code_indicateur
            and agregats.annee = parties.annee
            and agregats.partie = parties.partie
    group by
        agregats.code_indicateur,
        agregats.maille,
        agregats.code_territoire,
        agregats.annee,
        agregats.partie,
        agregats.valeur

)

select
    parties.*,
    definitions.regle_agregation,
    'agrégat que ses parties ne permettent pas' as message
from parties
inner join definitions on parties.code_indicateur = definitions.code_indicateur
where
    case definitions.regle_agregation
        when 'somme'
            then
                parties.somme_des_parties is null
                or abs(parties.valeur - parties.somme_des_parties) > 0.000001 * greatest(abs(parties.valeur), 1)
        -- A mean, whatever its weights, never exceeds the largest of its terms; a sum does.
        when 'ratio'
            then
                not parties.a_une_partie_sans_ratio
                and parties.valeur > parties.plus_grande_partie + 0.000001 * abs(parties.plus_grande_partie)
        else true
    end
