"""The intercommunal bodies with tax powers of their own (EPCI): of which communes each is made on the first of January.

INSEE publishes a workbook a year, always on one page; its name changed with 2024. That of 2024 was seen, which is of 18
March; the addresses are those of INSEE's own list of files and of public programs. Territorial bodies of Grand Paris
(EPT, "T1" to "T12") are none of these: their communes are members of the Métropole, and have a workbook of their own.
"""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning, Search, of_code, of_file

_PAGE = "fr/statistiques/fichier/2510634"

DATASET = Dataset(
    portal="insee",
    id="intercommunalites-composition",
    title="Intercommunalités à fiscalité propre : composition communale au 1er janvier",
    publisher="INSEE",
    cadence="yearly",
    # As for the official geographic code.
    expected_lag=timedelta(days=500),
    history_start=date(2022, 1, 1),
    partitioning=Partitioning("edition"),
    key=("codgeo",),
    fingerprint=(),
    known=(
        of_file("2024-03-18", "classeur de 2024", "columns"),
        of_code("2026", "registre d'adresses de l'INSEE et programmes qui lisent 2022 à 2026", "address", "history"),
    ),
    unverified=("cadence",),
    page_path="fr/information/2510634",
    sheet="Composition_communale",
    columns=(
        Column("codgeo", "text", nullable=False, width=5, description="Code INSEE de la commune"),
        Column("libgeo", "text", description="Nom de la commune"),
        Column(
            "epci",
            "text",
            nullable=False,
            description="SIREN de l'intercommunalité ; ZZZZZZZZZ pour les communes qui n'en ont pas",
        ),
        Column("libepci", "text", description="Nom de l'intercommunalité"),
        Column("dep", "text", width=2, description="Code du département"),
        Column("reg", "text", width=2, description="Code de la région"),
    ),
    editions=(
        *(
            Edition(
                year,
                f"{_PAGE}/Intercommunalite_Metropole_au_01-01-{year}.zip",
                member=f"Intercommunalite*au_01-01-{year}.xlsx",
            )
            for year in ("2022", "2023")
        ),
        *(
            Edition(year, f"{_PAGE}/epci_au_01-01-{year}.zip", member=f"EPCI_au_01-01-{year}.xlsx")
            for year in ("2024", "2025", "2026")
        ),
    ),
    search=Search(
        ("epci_au_01-01-{edition}.zip",),
        member="EPCI_au_01-01-{edition}.xlsx",
        pages=("fr/information/2510634",),
        # 2024 came out on 18 March; other years are not known to the day.
        due=(0, 12, 31),
    ),
)
