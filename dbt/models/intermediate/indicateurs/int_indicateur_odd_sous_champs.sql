with

comptes as (

    select
        code_indicateur,
        code_sous_champ,
        libelle_sous_champ,
        count(*) as nombre_lignes
    from {{ ref('int_indicateur_odd_lignes') }}
    where code_sous_champ is not null
    group by code_indicateur, code_sous_champ, libelle_sous_champ

),

-- What a part is called: its most frequent label, or its code where two parts share that label.
libelles as (

    select
        code_indicateur,
        code_sous_champ,
        libelle_sous_champ
    from comptes
    qualify row_number() over (
        partition by code_indicateur, code_sous_champ
        order by libelle_sous_champ is null, nombre_lignes desc, libelle_sous_champ asc
    ) = 1

),

final as (

    select
        code_indicateur,
        code_sous_champ,
        case
            when count(*) over (partition by code_indicateur, libelle_sous_champ) > 1 then code_sous_champ
            else coalesce(libelle_sous_champ, code_sous_champ)
        end as sous_champ
    from libelles

)

select * from final
