"""Dwellings of the census, by commune, category, type and surface.

The publisher's file has one row per dwelling that was questioned, tens of millions, with a weight: the copy holds the
sum of the weights. Never seen whole by this project: the columns are those of the publisher's documentation, the
addresses those of programs that read the files in 2026.
"""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning, Search, of_code, of_page

DATASET = Dataset(
    portal="insee",
    id="recensement-logement",
    title="Recensement de la population, fichier détail Logements",
    publisher="INSEE",
    cadence="yearly",
    # The census of a year is published three and a half years after it.
    expected_lag=timedelta(days=5 * 366),
    history_start=date(2019, 1, 1),
    partitioning=Partitioning("edition"),
    editions=(
        # Not 6544333, which is the page of the individuals.
        Edition("2019", "fr/statistiques/fichier/6544344/RP2019_LOGEMT_csv.zip", member="FD_LOGEMT_2019.csv"),
        Edition("2020", "fr/statistiques/fichier/7705908/RP2020_LOGEMT_csv.zip", member="FD_LOGEMT_2020.csv"),
        Edition("2021", "fr/statistiques/fichier/8268903/RP2021_logemt.parquet"),
        Edition("2022", "fr/statistiques/fichier/8647099/RP2022_logemt.zip", member="FD_LOGEMT_2022.csv"),
    ),
    search=Search(
        # Not those of a part of France, which have two letters more: RP2022_logemtze.zip.
        ("RP{edition}_LOGEMT_csv.zip", "RP{edition}_LOGEMT.zip", "RP{edition}_LOGEMT.parquet"),
        title="*{edition}*",
        member="FD_LOGEMT_{edition}.csv",
        pages=("fr/information/2008354", "fr/information/2383306"),
        # 2022 came out on 16 October 2025; other years are not known to the day.
        due=(3, 12, 31),
    ),
    key=("commune", "catl", "typl", "surf"),
    fingerprint=("ipondl",),
    summed=("ipondl",),
    left_in_raw=("*",),
    page_path="fr/information/2383306",
    warning="Les nombres de logements sont des estimations pondérées : aux petites communes, ils sont incertains.",
    known=(
        of_code("2026", "programmes qui lisent les fichiers de 2019 à 2022", "address", "history", "cadence"),
        of_page("2026", "documentation du fichier détail", "columns", "units"),
    ),
    columns=(
        Column("commune", "text", nullable=False, width=5, description="Code INSEE de la commune, sans arrondissement"),
        Column(
            "catl",
            "text",
            nullable=False,
            description="Catégorie : 1 principale, 2 occasionnelle, 3 secondaire, 4 vacante, Z hors logement ordinaire",
        ),
        Column(
            "typl",
            "text",
            nullable=False,
            description="Type : 1 maison, 2 appartement, 3 à 6 autres, Z hors logement ordinaire",
        ),
        Column(
            "surf",
            "text",
            nullable=False,
            description=(
                "Surface : 1 moins de 30 m², 2 de 30 à 40, 3 à 60, 4 à 80, 5 à 100, 6 à 120, 7 au-delà, "
                "Y hors résidence principale, Z hors logement ordinaire"
            ),
        ),
        Column("ipondl", "double", unit="logements", nullable=False, description="Poids du logement : à sommer"),
    ),
)
