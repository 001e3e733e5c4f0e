{{ config(materialized='table') }}
with

-- A variable may stand under several indicators, in other words: the first label of the variable, and of a part the
-- longest, which says most (`femmes de 15 à 24 ans` for `15 à 24 ans`).
lignes as (

    select
        variable,
        coalesce(sous_champ, '') as sous_champ,
        first_value(libelle) over (partition by variable order by no_indic, libelle) as libelle,
        nullif(libelle_sous_champ, '') as libelle_sous_champ,
        nullif(unite, '') as unite_publiee,
        nullif(formule, '') as formule,
        facteur
    from {{ ref('odd_dictionnaire') }}
    qualify row_number() over (
        partition by variable, coalesce(sous_champ, '')
        order by length(libelle_sous_champ) desc nulls last, no_indic asc
    ) = 1

),

unites as (

    select
        lignes.*,
        coalesce(
            exceptions.unite, unites.unite, lignes.unite_publiee
        ) as unite,
        coalesce(exceptions.est_sommable, unites.est_sommable, false) and lignes.facteur is null as est_sommable,
        nullif(exceptions.raison, '') as raison_de_l_exception
    from lignes
    left join {{ ref('unites') }} as unites
        on {{ forme_comparable('lignes.unite_publiee') }} = unites.unite_publiee
    left join {{ ref('odd_exceptions') }} as exceptions
        on
            lignes.variable = exceptions.variable
            and coalesce(nullif(exceptions.sous_champ, ''), lignes.sous_champ) = lignes.sous_champ

),

-- A quotient can be made again where all of its terms add up.
quotients as (

    select
        termes.variable,
        coalesce(termes.sous_champ, '') as sous_champ,
        min(case when unites.est_sommable then 1 else 0 end) = 1 as est_recalculable
    from {{ ref('odd_termes') }} as termes
    left join unites
        on
            termes.variable_terme = unites.variable
            and coalesce(termes.sous_champ_terme, '') = unites.sous_champ
    group by termes.variable, coalesce(termes.sous_champ, '')

),

natures as (

    select
        unites.variable,
        unites.sous_champ,
        unites.libelle,
        unites.libelle_sous_champ,
        unites.unite,
        unites.formule,
        unites.facteur,
        unites.raison_de_l_exception,
        coalesce(quotients.est_recalculable, false) as est_recalculable,
        case
            when unites.est_sommable then 'effectif'
            when unites.facteur is not null or unites.unite in ('%', '‰') then 'ratio'
            when {{ forme_comparable('unites.libelle') }} like '%median%' then 'mediane'
            else 'indice'
        end as type_variable
    from unites
    left join quotients
        on unites.variable = quotients.variable and unites.sous_champ = quotients.sous_champ

),

regles as (

    select
        *,
        case
            when type_variable = 'effectif' then 'somme'
            when est_recalculable then 'ratio'
            else 'jamais'
        end as regle_agregation,
        case
            when type_variable = 'effectif' or est_recalculable then null
            when raison_de_l_exception is not null then raison_de_l_exception
            when facteur is not null then 'un terme de sa formule ne s''additionne pas'
            when type_variable = 'mediane' then 'une médiane ne se déduit pas de celles des parties'
            when type_variable = 'ratio'
                then 'un taux dont la formule n''est pas publiée, ou n''est pas un quotient de deux sommes'
            else 'ni un effectif, ni un quotient dont la formule est publiée'
        end as raison
    from natures

),

-- The parts of some variables are of several natures (stations, days and a yes or no): each part is an indicator.
variables as (

    select
        variable,
        count(distinct unite || '/' || regle_agregation || '/' || type_variable || '/' || coalesce(raison, '')) > 1
        or count(distinct facteur) > 1 as est_a_separer
    from regles
    group by variable

),

final as (

    select
        regles.variable,
        regles.sous_champ,
        {{ code_d_indicateur_odd(
            "regles.variable || case when variables.est_a_separer then '_' || regles.sous_champ else '' end"
        ) }} as code_indicateur,
        regles.libelle,
        regles.libelle_sous_champ,
        regles.unite,
        regles.type_variable,
        regles.regle_agregation,
        regles.raison,
        regles.formule,
        case when regles.est_recalculable then regles.facteur end as facteur
    from regles
    inner join variables on regles.variable = variables.variable

)

select * from final
