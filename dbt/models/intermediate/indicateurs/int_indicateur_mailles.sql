-- From which grains each grain may be summed, the finest first.
with

final as (

    select
        maille,
        maille_composante,
        ordre_composante
    from (
        values
        ('epci', 'commune', 1),
        ('departement', 'commune', 1),
        ('region', 'commune', 1),
        ('region', 'departement', 2),
        ('nation', 'commune', 1),
        ('nation', 'departement', 2),
        ('nation', 'region', 3)
    ) as mailles (maille, maille_composante, ordre_composante)

)

select * from final
