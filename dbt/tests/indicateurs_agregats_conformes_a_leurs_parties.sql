with

definitions as (

    select
        dim_indicateur.code_indicateur,
        dim_indicateur.regle_agregation,
        -- Quotients as published have two or three digits and one decimal at least (a thousandth of the factor: 0.1 %);
        -- what is made again from their terms has all.
        case when definitions.est_publie then 0.05 else 0.000001 end as tolerance_relative,
        case when definitions.est_publie then 0.001 * definitions.facteur else 0 end as tolerance
    from {{ ref('dim_indicateur') }} as dim_indicateur
    -- What users import is in no definition of ours.
    left join {{ ref('int_indicateur_definitions') }} as definitions
        on dim_indicateur.code_indicateur = definitions.code_indicateur

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
                and parties.valeur
                > parties.plus_grande_partie
                + definitions.tolerance_relative * abs(parties.plus_grande_partie) + definitions.tolerance
        else true
    end
