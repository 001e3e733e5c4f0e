"""The official geographic code (COG): what became of each commune since 1943.

Each edition holds the whole history, and the newest alone is read: the older ones stand in where it is not there. Files
of 2022, 2024 and 2025 were seen; the addresses are those of programs that read them.
"""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._code_officiel_geographique import search


def _side(suffix: str, when: str) -> tuple[Column, ...]:
    """Return the columns that say what a commune was before, or is after: nothing for a creation, or a suppression."""
    kinds = f"Type {when} : COM, ARM, COMA ou COMD ; nul sans commune {when}"
    return (
        Column(f"typecom_{suffix}", "text", description=kinds),
        Column(f"com_{suffix}", "text", width=5, description=f"Code INSEE {when}"),
        Column(f"tncc_{suffix}", "text", description=f"Article du nom {when}, codé de 0 à 8"),
        Column(f"ncc_{suffix}", "text", description=f"Nom {when}, en majuscules, sans article"),
        Column(f"nccenr_{suffix}", "text", description=f"Nom {when}, sans article"),
        Column(f"libelle_{suffix}", "text", description=f"Nom {when}, avec son article"),
    )


DATASET = Dataset(
    portal="insee",
    id="code-officiel-geographique-mouvements",
    title="Code officiel géographique : événements survenus aux communes depuis 1943",
    publisher="INSEE",
    cadence="yearly",
    # As for the communes.
    expected_lag=timedelta(days=500),
    history_start=date(2022, 1, 1),
    # What is decided takes effect on a later day, mostly the first of January.
    horizon=timedelta(days=366),
    partitioning=Partitioning("edition"),
    # One event has a row for each pair of a commune before and a commune after; a creation has none before (3 rows of
    # 2024, 127 of 2026), a suppression may have none after (2 rows of 2026).
    key=("mod", "date_eff", "typecom_av", "com_av", "typecom_ap", "com_ap"),
    fingerprint=(),
    known=(
        of_file("2026", "fichiers de 2022, 2024 et 2025, et comptes de celui de 2026", "columns", "history"),
        of_code(
            "2026-10-01",
            "programmes qui les lisent ; 2026 publié le 24 février",
            "address",
            "cadence",
        ),
    ),
    columns=(
        Column(
            "mod",
            "text",
            nullable=False,
            description=(
                "Événement : 10 changement de nom, 20 création, 21 rétablissement, 30 suppression, 31 fusion simple, "
                "32 commune nouvelle, 33 fusion-association, 34 fusion simple d'une association, 35 suppression d'une "
                "déléguée, 41 changement de département, 50 transfert de chef-lieu, 70 associée devenue déléguée, "
                "71 et 72 autres changements d'une déléguée"
            ),
        ),
        # The file goes back to the first change that INSEE lists.
        Column("date_eff", "date", nullable=False, since=date(1943, 1, 1), description="Date d'effet"),
        *_side("av", "avant"),
        *_side("ap", "après"),
    ),
    editions=(
        Edition("2022", "fr/statistiques/fichier/6051727/mvtcommune_2022.csv"),
        Edition("2023", "fr/statistiques/fichier/6800675/v_mvtcommune_2023.csv"),
        Edition("2024", "fr/statistiques/fichier/7766585/v_mvt_commune_2024.csv"),
        Edition("2025", "fr/statistiques/fichier/8377162/v_mvt_commune_2025.csv"),
        Edition("2026", "fr/statistiques/fichier/8740222/v_mvt_commune_2026.csv"),
    ),
    search=search("v_mvt_commune_{edition}.csv", "v_mvtcommune_{edition}.csv", "mvtcommune_{edition}.csv"),
)
