with

publies as (

    select * from {{ ref('totaux_publies') }}

),

calcules as (

    select * from {{ ref('int_totaux_calcules') }}

),

ecarts as (

    select
        publies.annee,
        publies.grandeur,
        coalesce(calcules.calcul, 'aucun') as calcul,
        publies.valeur_twh as publie_twh,
        calcules.valeur_twh as calcule_twh,
        100 * (calcules.valeur_twh - publies.valeur_twh) / nullif(abs(publies.valeur_twh), 0) as ecart_pct,
        publies.tolerance_pct,
        publies.est_verifie,
        publies.source
    from publies
    left join calcules
        on
            publies.annee = calcules.annee
            and publies.grandeur = calcules.grandeur

),

final as (

    select
        annee,
        grandeur,
        calcul,
        publie_twh,
        calcule_twh,
        ecart_pct,
        tolerance_pct,
        abs(ecart_pct) > tolerance_pct as est_hors_tolerance,
        est_verifie,
        source
    from ecarts

)

select * from final
