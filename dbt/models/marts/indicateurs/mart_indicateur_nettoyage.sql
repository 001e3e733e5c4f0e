{#- Rule, column that it changed, what was there, what is there now, and where it applied. -#}
{%- set regles = [
    ('zéro initial rendu', 'codgeo', 'code_publie', 'code_territoire', 'length(code_territoire) > length(trim(code_publie))'),
    ('code d''outre-mer de six caractères', 'codgeo', 'code_publie', 'code_territoire',
     'length(code_territoire) < length(trim(code_publie))'),
    ('code de variable réécrit', 'variable', 'variable_publiee', 'code_indicateur',
     "substr(code_indicateur, 1, 4 + length(variable_publiee)) <> 'odd_' || variable_publiee"),
    ('espaces superflus', 'libelle_variable', 'libelle_publie', 'libelle', 'libelle_publie <> libelle'),
    ('virgule décimale', 'valeur', 'valeur_publiee', 'cast(valeur as string)',
     "valeur is not null and valeur_publiee like '%,%'"),
    ('espace dans un nombre', 'valeur', 'valeur_publiee', 'cast(valeur as string)',
     'valeur is not null and ' ~ correspond_a('valeur_publiee', '[0-9][\\s\\x{00A0}\\x{202F}]+[0-9]')),
    ('marqueur de valeur absente', 'valeur', 'valeur_publiee', 'cast(null as string)', "marqueur = 'absent'"),
    ('marqueur de secret', 'valeur', 'valeur_publiee', 'cast(null as string)', "marqueur = 'secret'"),
    ('valeur illisible', 'valeur', 'valeur_publiee', 'cast(null as string)', 'valeur is null and marqueur is null'),
    ('unité réécrite', 'unite', 'unite_publiee', 'unite', 'est_unite_connue and unite <> unite_publiee'),
    ('unité inconnue, gardée', 'unite', 'unite_publiee', 'unite', 'not est_unite_connue and unite is not null'),
    ('nature inconnue, jamais agrégée', 'type_var', 'type_publie', 'type_variable', 'not est_type_connu'),
] -%}
with

lignes as (

    select * from {{ ref('int_indicateur_odd_lignes') }}

),

dictionnaire as (

    select * from {{ ref('int_indicateur_odd_dictionnaire') }}

),

definitions as (

    select
        code_indicateur,
        libelle as libelle_retenu,
        unite as unite_retenue
    from {{ ref('int_indicateur_odd_definitions') }}

),

territoires as (

    select
        maille,
        code_territoire
    from {{ ref('int_indicateur_liens') }}
    union
    select
        maille_ancetre as maille,
        code_ancetre as code_territoire
    from {{ ref('int_indicateur_liens') }}

),

changements as (

    {% for regle, colonne, avant, apres, condition in regles -%}
    select
        source,
        '{{ regle | replace("'", "''") }}' as regle,
        '{{ colonne }}' as colonne,
        {{ avant }} as avant,
        {{ apres }} as apres
    from lignes
    where {{ condition }}
    union all
    {% endfor -%}
    select
        lignes.source,
        'libellé écrit de plusieurs façons' as regle,
        'libelle_variable' as colonne,
        lignes.libelle as avant,
        definitions.libelle_retenu as apres
    from lignes
    inner join definitions on lignes.code_indicateur = definitions.code_indicateur
    where lignes.libelle <> definitions.libelle_retenu
    union all
    select
        lignes.source,
        'autre unité que celle de la variable, valeur inconnue' as regle,
        'unite' as colonne,
        lignes.unite as avant,
        definitions.unite_retenue as apres
    from lignes
    inner join definitions on lignes.code_indicateur = definitions.code_indicateur
    where lignes.unite <> definitions.unite_retenue and lignes.unite_publiee <> ''
    union all
    {% for colonne, publiee in [('libelle', 'libelle_publie'), ('unite', 'unite_publiee')] -%}
    select
        lignes.source,
        '{{ 'libellé autre que celui du dictionnaire, gardé' if colonne == 'libelle'
            else 'unité autre que celle du dictionnaire, gardée' }}' as regle,
        '{{ 'libelle_variable' if colonne == 'libelle' else 'unite' }}' as colonne,
        dictionnaire.{{ colonne }} as avant,
        lignes.{{ colonne }} as apres
    from lignes
    inner join dictionnaire
        on
            lignes.code_indicateur = dictionnaire.code_indicateur
            and coalesce(lignes.code_sous_champ, '') = dictionnaire.sous_champ
    where lignes.{{ publiee }} <> '' and lignes.{{ colonne }} <> dictionnaire.{{ colonne }}
    union all
    {% endfor -%}
    select
        lignes.source,
        'territoire inconnu, gardé sans être sommé' as regle,
        'codgeo' as colonne,
        lignes.code_publie as avant,
        lignes.code_territoire as apres
    from lignes
    left join territoires
        on lignes.maille = territoires.maille and lignes.code_territoire = territoires.code_territoire
    -- Nothing says which communes a contract (CRTE) has: its territories are never summed, known or not.
    where territoires.code_territoire is null and lignes.maille not in ('crte', 'metropole')
    union all
    select
        source,
        'communes réunies, effectifs sommés' as regle,
        'codgeo' as colonne,
        cast(nombre_codes_reunis as string) || ' codes' as avant,
        code_territoire as apres
    from {{ ref('int_indicateur_odd_valeurs') }}
    where nombre_codes_reunis > 1
    union all
    select
        source,
        case
            when est_concordante then 'ligne répétée' else 'lignes contradictoires, valeur inconnue'
        end as regle,
        'valeur' as colonne,
        premiere_publiee || ' ; ' || derniere_publiee as avant,
        cast(valeur as string) as apres
    from {{ ref('int_indicateur_odd_valeurs') }}
    where nombre_lignes > nombre_codes_reunis

),

comptes as (

    select
        source,
        regle,
        colonne,
        avant,
        apres,
        count(*) as nombre_lignes
    from changements
    group by source, regle, colonne, avant, apres

),

final as (

    select
        source,
        regle,
        colonne,
        cast(sum(nombre_lignes) over (partition by source, regle, colonne) as bigint) as lignes,
        avant as exemple_avant,
        apres as exemple_apres
    from comptes
    qualify row_number() over (
        partition by source, regle, colonne
        order by nombre_lignes desc, avant asc nulls last, apres asc nulls last
    ) = 1

)

select * from final
