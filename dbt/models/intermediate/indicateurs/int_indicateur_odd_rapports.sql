{{ config(materialized='table') }}
with

termes as (

    select
        code_indicateur,
        coalesce(sous_champ, '') as partie,
        sous_champ,
        facteur,
        place,
        mesure,
        coalesce(sous_champ_mesure, '') as partie_mesure,
        signe,
        count(*) over (partition by code_indicateur, sous_champ) as nombre_termes,
        row_number() over (
            partition by code_indicateur, sous_champ order by place, mesure, sous_champ_mesure
        ) as rang
    from {{ ref('int_indicateur_odd_termes') }}

),

voulues as (

    select distinct mesure from termes

),

-- As published, and as summed where they are not.
mesures as (

    select
        valeurs.code_indicateur as mesure,
        coalesce(valeurs.sous_champ, '') as partie,
        valeurs.maille,
        valeurs.code_territoire,
        valeurs.annee,
        valeurs.valeur,
        false as est_incomplet,
        cast(null as string) as maille_base,
        100.0 as couverture_pct
    from {{ ref('int_indicateur_odd_valeurs') }} as valeurs
    inner join voulues on valeurs.code_indicateur = voulues.mesure
    where valeurs.valeur is not null

    union all

    select
        sommes.mesure,
        coalesce(sommes.sous_champ, '') as partie,
        sommes.maille,
        sommes.code_territoire,
        sommes.annee,
        sommes.valeur,
        sommes.est_incomplet,
        sommes.maille_base,
        sommes.couverture_pct
    from {{ ref('int_indicateur_mesures') }} as sommes
    inner join voulues on sommes.mesure = voulues.mesure
    where sommes.valeur is not null

),

publiees as (

    select
        code_indicateur,
        coalesce(sous_champ, '') as partie,
        maille,
        code_territoire,
        annee
    from {{ ref('int_indicateur_odd_valeurs') }}

),

-- Where the first term is known and the quotient not published: few, since most files have both.
places as (

    select
        termes.code_indicateur,
        termes.partie,
        mesures.maille,
        mesures.code_territoire,
        mesures.annee
    from termes
    inner join mesures on termes.mesure = mesures.mesure and termes.partie_mesure = mesures.partie
    left join publiees
        on
            termes.code_indicateur = publiees.code_indicateur
            and termes.partie = publiees.partie
            and mesures.maille = publiees.maille
            and mesures.code_territoire = publiees.code_territoire
            and mesures.annee = publiees.annee
    where termes.rang = 1 and publiees.code_indicateur is null

),

-- Terms that cover other parts of the territory than each other have no quotient; a tenth of a percent of the
-- inhabitants is below what counts as complete (`couverture_entiere`).
final as (

    select
        places.code_indicateur,
        termes.sous_champ,
        places.maille,
        places.code_territoire,
        places.annee,
        max(termes.facteur)
        * {{ somme_des_termes('numerateur') }}
        / {{ somme_des_termes('denominateur') }} as valeur,
        {{ somme_des_termes('numerateur') }} as numerateur,
        {{ somme_des_termes('denominateur') }} as denominateur,
        max(case when mesures.est_incomplet then 1 else 0 end) = 1 as est_incomplet,
        max(mesures.maille_base) as maille_base,
        min(mesures.couverture_pct) as couverture_pct
    from places
    inner join termes on places.code_indicateur = termes.code_indicateur and places.partie = termes.partie
    inner join mesures
        on
            termes.mesure = mesures.mesure
            and termes.partie_mesure = mesures.partie
            and places.maille = mesures.maille
            and places.code_territoire = mesures.code_territoire
            and places.annee = mesures.annee
    group by places.code_indicateur, termes.sous_champ, places.maille, places.code_territoire, places.annee
    having
        count(*) = max(termes.nombre_termes)
        and {{ somme_des_termes('denominateur') }} <> 0
        and max(mesures.couverture_pct) - min(mesures.couverture_pct) < 0.1

)

select * from final
