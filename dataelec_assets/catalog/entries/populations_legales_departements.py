"""Legal population of départements."""

from __future__ import annotations

from dataelec_assets.catalog.entries._populations_legales import CODREG, PMUN, PTOT, REG, REGION, code, count, dataset

DATASET = dataset(
    "departements",
    # Name or code: one or the other identifies a département.
    key=("dep",),
    columns=(
        CODREG,
        REG,
        REGION,
        code("coddep", "Code du département (ancienne génération)", width=2),
        code("dep", "Nom du département (ancienne génération), son code (nouvelle)", width=2),
        code("departement", "Nom du département (nouvelle génération)", labels=("Département",)),
        count("nbarr", "Nombre d'arrondissements"),
        count("nbcan", "Nombre de cantons ; nul où il n'y en a pas"),
        count("nbcom", "Nombre de communes"),
        PMUN,
        PTOT,
    ),
    header_sets=(("codreg", "reg", "coddep", "dep"), ("reg", "region", "dep", "departement")),
)
