"""Legal population of régions."""

from __future__ import annotations

from dataelec_assets.catalog.entries._populations_legales import CODREG, PMUN, PTOT, REG, REGION, count, dataset

DATASET = dataset(
    "regions",
    # Name or code: one or the other identifies a région.
    key=("reg",),
    columns=(
        CODREG,
        REG,
        REGION,
        count("nbarr", "Nombre d'arrondissements"),
        count("nbcan", "Nombre de cantons ; nul où il n'y en a pas"),
        count("nbcom", "Nombre de communes"),
        PMUN,
        PTOT,
    ),
    header_sets=(("codreg", "reg"), ("reg", "region")),
)
