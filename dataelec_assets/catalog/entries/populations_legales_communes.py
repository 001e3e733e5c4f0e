"""Legal population of communes, with Paris, Lyon and Marseille by arrondissement only."""

from __future__ import annotations

from dataelec_assets.catalog.entries._populations_legales import (
    CODREG,
    PMUN,
    PTOT,
    REG,
    REGION,
    code,
    dataset,
    population,
)

DATASET = dataset(
    "communes",
    # The code of a commune is made of these two in both generations, overseas too: 974 and 423 are 97423.
    key=("dep", "codcom"),
    columns=(
        CODREG,
        REG,
        REGION,
        code("dep", "Code du département", width=2, labels=("CODDEP",)),
        code("codarr", "Code de l'arrondissement, dans le département"),
        code("codcan", "Code du canton, dans le département ; nul où il n'y en a pas", width=2),
        code("codcom", "Code de la commune, dans le département ; trois caractères, outre-mer compris", width=3),
        # No width: names may be as short as Y. The code comes from `dep` and `codcom`, and is compared with this one.
        code("com", "Nom de la commune (ancienne génération), son code (nouvelle)"),
        code("commune", "Nom de la commune (nouvelle génération)"),
        PMUN,
        population("pcap", "Population comptée à part : présente, comptée municipale dans une autre commune"),
        PTOT,
    ),
    header_sets=(("codreg", "reg"), ("reg", "region", "commune")),
)
