"""The official geographic code (COG): communes, municipal arrondissements, associated and delegated communes."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._code_officiel_geographique import search


def _code(name: str, description: str, width: int, *, nullable: bool = True) -> Column:
    # A copy of 2021 that a spreadsheet had saved again holds COM 1001 and REG 6: the width gives the zeros back.
    return Column(name, "text", nullable=nullable, description=description, width=width)


DATASET = Dataset(
    portal="insee",
    id="code-officiel-geographique-communes",
    title="Code officiel géographique : communes au 1er janvier",
    publisher="INSEE",
    cadence="yearly",
    # Published in the spring of its year; a year is left for an edition that neither is listed nor finds itself.
    expected_lag=timedelta(days=500),
    history_start=date(2022, 1, 1),
    partitioning=Partitioning("edition"),
    # A commune and one of its delegated communes often share a code: the code alone is not a key.
    key=("typecom", "com"),
    fingerprint=(),
    known=(
        of_file("2026", "fichiers de 2022, 2023, 2024 et 2026", "columns", "history"),
        of_code(
            "2026-10-01",
            "programmes qui les lisent ; 2026 publié le 24 février",
            "address",
            "cadence",
        ),
    ),
    columns=(
        Column(
            "typecom",
            "text",
            nullable=False,
            description="COM commune, ARM arrondissement municipal, COMA commune associée, COMD commune déléguée",
        ),
        _code("com", "Code INSEE, cinq caractères, outre-mer compris", 5, nullable=False),
        _code("reg", "Code de la région ; nul pour COMA et COMD", 2),
        _code("dep", "Code du département ; nul pour COMA et COMD", 2),
        Column("ctcd", "text", description="Code de la collectivité territoriale"),
        _code("arr", "Code de l'arrondissement départemental", 3),
        Column("tncc", "text", description="Article du nom, codé de 0 à 8"),
        Column("ncc", "text", description="Nom en majuscules, sans article"),
        Column("nccenr", "text", description="Nom sans article"),
        Column("libelle", "text", nullable=False, description="Nom, avec son article"),
        _code("can", "Code du canton", 4),
        _code("comparent", "Commune dont l'arrondissement, la commune associée ou déléguée fait partie", 5),
    ),
    editions=(
        Edition("2022", "fr/statistiques/fichier/6051727/commune_2022.csv"),
        Edition("2023", "fr/statistiques/fichier/6800675/v_commune_2023.csv"),
        Edition("2024", "fr/statistiques/fichier/7766585/v_commune_2024.csv"),
        Edition("2025", "fr/statistiques/fichier/8377162/v_commune_2025.csv"),
        Edition("2026", "fr/statistiques/fichier/8740222/v_commune_2026.csv"),
    ),
    search=search("v_commune_{edition}.csv", "commune_{edition}.csv"),
)
