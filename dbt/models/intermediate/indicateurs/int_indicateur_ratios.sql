{{ config(materialized='table') }}
with

definitions as (

    select * from {{ ref('int_indicateur_definitions') }}
    where regle_agregation = 'ratio' and not est_publie

),

termes as (

    select numerateur as mesure from definitions
    union distinct
    select denominateur as mesure from definitions

),

mesures as (

    select mesures.*
    from {{ ref('int_indicateur_mesures') }} as mesures
    inner join termes on mesures.mesure = termes.mesure

),

annees as (

    select distinct
        mesure,
        annee
    from mesures

),

-- A stock that is not counted every year (inhabitants, homes) also serves the years around it.
annees_du_denominateur as (

    select
        definitions.code_indicateur,
        numerateurs.annee,
        denominateurs.annee as annee_denominateur
    from definitions
    inner join annees as numerateurs on definitions.numerateur = numerateurs.mesure
    inner join annees as denominateurs on definitions.denominateur = denominateurs.mesure
    where abs(numerateurs.annee - denominateurs.annee) <= definitions.ecart_annees_max
    qualify row_number() over (
        partition by definitions.code_indicateur, numerateurs.annee
        order by abs(numerateurs.annee - denominateurs.annee), denominateurs.annee
    ) = 1

),

denominateurs as (

    select
        definitions.code_indicateur,
        annees_du_denominateur.annee,
        annees_du_denominateur.annee_denominateur,
        mesures.maille,
        mesures.code_territoire,
        mesures.valeur as denominateur,
        mesures.est_secret,
        mesures.est_incomplet
    from definitions
    inner join annees_du_denominateur on definitions.code_indicateur = annees_du_denominateur.code_indicateur
    inner join mesures
        on
            definitions.denominateur = mesures.mesure
            and annees_du_denominateur.annee_denominateur = mesures.annee
    where mesures.sous_champ is null

),

numerateurs as (

    select
        definitions.code_indicateur,
        mesures.famille,
        mesures.maille,
        mesures.code_territoire,
        mesures.annee,
        annees_du_denominateur.annee_denominateur,
        case
            when definitions.sous_champ_numerateur in ('tous', 'ensemble', 'parties') then mesures.sous_champ
        end as sous_champ,
        mesures.valeur as numerateur,
        mesures.est_secret,
        mesures.est_incomplet,
        mesures.maille_base
    from definitions
    inner join mesures on definitions.numerateur = mesures.mesure
    inner join annees_du_denominateur
        on
            definitions.code_indicateur = annees_du_denominateur.code_indicateur
            and mesures.annee = annees_du_denominateur.annee
    where {{ sous_champ_voulu('definitions.sous_champ_numerateur', 'mesures.sous_champ') }}

),

-- Both terms of one territory, at the grains at which the numerator is published.
paires as (

    select
        numerateurs.code_indicateur,
        numerateurs.maille,
        numerateurs.code_territoire,
        numerateurs.annee,
        numerateurs.annee_denominateur,
        numerateurs.sous_champ,
        numerateurs.numerateur,
        denominateurs.denominateur,
        numerateurs.est_secret or coalesce(denominateurs.est_secret, false) as est_secret,
        numerateurs.est_incomplet or coalesce(denominateurs.est_incomplet, false) as est_incomplet
    from numerateurs
    left join denominateurs
        on
            numerateurs.code_indicateur = denominateurs.code_indicateur
            and numerateurs.annee = denominateurs.annee
            and numerateurs.maille = denominateurs.maille
            and numerateurs.code_territoire = denominateurs.code_territoire
    where numerateurs.maille_base is null

),

a_sommer as (

    select distinct
        code_indicateur,
        famille,
        annee,
        annee_denominateur,
        maille_base,
        maille
    from numerateurs
    where maille_base is not null

),

-- The parts of each territory above, with their denominator, whether or not the numerator names them.
parties as (

    select
        a_sommer.code_indicateur,
        a_sommer.annee,
        liens.maille,
        liens.code_territoire,
        liens.maille_ancetre,
        liens.code_ancetre,
        liens.poids,
        couverts.code_territoire is not null as est_couvert,
        case when couverts.code_territoire is not null then denominateurs.denominateur end as denominateur,
        coalesce(couverts.code_territoire is not null and denominateurs.est_incomplet, false) as est_incomplet
    from a_sommer
    inner join {{ ref('int_indicateur_parties') }} as liens
        on a_sommer.maille_base = liens.maille and a_sommer.maille = liens.maille_ancetre
    left join {{ ref('int_indicateur_couverts') }} as couverts
        on
            a_sommer.famille = couverts.famille
            and a_sommer.annee = couverts.annee
            and liens.maille = couverts.maille
            and liens.code_territoire = couverts.code_territoire
    left join denominateurs
        on
            a_sommer.code_indicateur = denominateurs.code_indicateur
            and a_sommer.annee = denominateurs.annee
            and liens.maille = denominateurs.maille
            and liens.code_territoire = denominateurs.code_territoire

),

entiers as (

    select
        code_indicateur,
        annee,
        maille_ancetre,
        code_ancetre,
        {{ somme_exacte('poids') }} as poids,
        coalesce({{ somme_exacte('poids', 'est_couvert') }}, 0) as poids_de_la_source,
        coalesce({{ somme_exacte('poids', 'denominateur is not null') }}, 0) as poids_couverts,
        coalesce({{ somme_exacte('denominateur') }}, 0) as denominateur,
        max(case when est_incomplet then 1 else 0 end) = 1 as est_incomplet
    from parties
    group by code_indicateur, annee, maille_ancetre, code_ancetre

),

-- A part whose numerator is withheld leaves the denominator too; one that the source leaves out has a numerator of
-- zero, and stays.
sommes as (

    select
        paires.code_indicateur,
        paires.annee,
        paires.annee_denominateur,
        paires.sous_champ,
        liens.maille_ancetre,
        liens.code_ancetre,
        liens.maille as maille_base,
        {{ somme_exacte('paires.numerateur', 'paires.denominateur is not null') }} as numerateur,
        coalesce({{ somme_exacte('paires.denominateur', 'paires.numerateur is null') }}, 0) as denominateur_tu,
        coalesce(
            {{ somme_exacte('liens.poids', 'paires.numerateur is null and paires.denominateur is not null') }}, 0
        ) as poids_tus,
        max(case when paires.est_secret then 1 else 0 end) = 1 as est_secret,
        max(case when paires.est_incomplet then 1 else 0 end) = 1 as est_incomplet
    from a_sommer
    inner join paires
        on
            a_sommer.code_indicateur = paires.code_indicateur
            and a_sommer.annee = paires.annee
            and a_sommer.maille_base = paires.maille
    inner join {{ ref('int_indicateur_parties') }} as liens
        on
            paires.maille = liens.maille
            and paires.code_territoire = liens.code_territoire
            and a_sommer.maille = liens.maille_ancetre
    group by
        paires.code_indicateur,
        paires.annee,
        paires.annee_denominateur,
        paires.sous_champ,
        liens.maille_ancetre,
        liens.code_ancetre,
        liens.maille

),

final as (

    select
        code_indicateur,
        maille,
        code_territoire,
        annee,
        annee_denominateur,
        sous_champ,
        numerateur,
        denominateur,
        est_secret,
        est_incomplet,
        cast(null as string) as maille_base,
        100.0 as couverture_pct
    from paires

    union all

    select
        sommes.code_indicateur,
        sommes.maille_ancetre as maille,
        sommes.code_ancetre as code_territoire,
        sommes.annee,
        sommes.annee_denominateur,
        sommes.sous_champ,
        sommes.numerateur,
        entiers.denominateur - sommes.denominateur_tu as denominateur,
        -- Secrecy is the reason as long as the source covers enough of the territory.
        sommes.est_secret
        and 100 * entiers.poids_de_la_source >= {{ couverture_d_un_ratio() }} * entiers.poids as est_secret,
        sommes.est_incomplet or entiers.est_incomplet as est_incomplet,
        sommes.maille_base,
        100 * (entiers.poids_couverts - sommes.poids_tus) / entiers.poids as couverture_pct
    from sommes
    inner join entiers
        on
            sommes.code_indicateur = entiers.code_indicateur
            and sommes.annee = entiers.annee
            and sommes.maille_ancetre = entiers.maille_ancetre
            and sommes.code_ancetre = entiers.code_ancetre

)

select * from final
