with

lignes as (

    {% for maille in ['commune', 'departement', 'region'] -%}
    select
        '{{ maille }}' as maille,
        code_{{ maille }} as code_territoire,
        annee,
        taux_chauffage_electrique_pct
    from {{ ref('stg_ore__consommation_annuelle_d_electricite_et_gaz_par_' ~ maille) }}
    where filiere = 'Electricité' and secteur_publie <> 'RESIDENTIEL' and taux_chauffage_electrique_pct is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- One number per territory, repeated on its rows; on the rows of homes it is the sum of the rates of its quarters
-- (174 % of flats in Lyon), so these are not read. Where the other rows differ, none is known to be right.
final as (

    select
        maille,
        code_territoire,
        annee,
        case
            when
                max(taux_chauffage_electrique_pct) - min(taux_chauffage_electrique_pct) < 0.000001
                and min(taux_chauffage_electrique_pct) between 0 and 100
                then min(taux_chauffage_electrique_pct)
        end as part_pct
    from lignes
    where code_territoire is not null
    group by maille, code_territoire, annee

)

select * from final
