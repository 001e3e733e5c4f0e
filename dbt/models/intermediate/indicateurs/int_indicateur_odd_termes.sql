with

-- The terms of the quotients that can be made again, as codes and names of parts that the values bear.
dictionnaire as (

    select
        dictionnaire.variable,
        dictionnaire.sous_champ as code_sous_champ,
        dictionnaire.code_indicateur,
        dictionnaire.facteur,
        noms.sous_champ
    from {{ ref('int_indicateur_odd_dictionnaire') }} as dictionnaire
    left join {{ ref('int_indicateur_odd_sous_champs') }} as noms
        on
            dictionnaire.code_indicateur = noms.code_indicateur
            and dictionnaire.sous_champ = noms.code_sous_champ

),

final as (

    select
        quotients.code_indicateur,
        -- A part that no file holds has no name yet.
        coalesce(quotients.sous_champ, nullif(quotients.code_sous_champ, '')) as sous_champ,
        quotients.facteur,
        termes.place,
        mesures.code_indicateur as mesure,
        coalesce(mesures.sous_champ, nullif(mesures.code_sous_champ, '')) as sous_champ_mesure,
        termes.signe
    from {{ ref('odd_termes') }} as termes
    inner join dictionnaire as quotients
        on
            termes.variable = quotients.variable
            and coalesce(termes.sous_champ, '') = quotients.code_sous_champ
            and quotients.facteur is not null
    inner join dictionnaire as mesures
        on
            termes.variable_terme = mesures.variable
            and coalesce(termes.sous_champ_terme, '') = mesures.code_sous_champ

)

select * from final
