"""Daily temperatures by region."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._shared import CODE_REGION


def _celsius(name: str, label: str, description: str) -> Column:
    return Column(name, "double", labels=(f"{label} (°C)",), unit="°C", nullable=False, description=description)


DATASET = Dataset(
    portal="odre",
    id="temperature-quotidienne-regionale",
    title="Température quotidienne régionale",
    publisher="Weathernews France",
    cadence="monthly",
    expected_lag=timedelta(days=45),
    history_start=date(2016, 1, 1),
    partitioning=Partitioning("month", on="date"),
    key=("date", "code_insee_region"),
    fingerprint=("tmin", "tmax", "tmoy"),
    territories="code_insee_region",
    warning="Le dernier jour de nombreux mois n'est pas publié ; aucune valeur n'est inventée.",
    known=(
        of_file("2025-10", "exports de 2019, 2023 et 2025", "address", "columns", "units", "history"),
        of_code("2026-01", "programme qui relit le jeu chaque mois", "cadence"),
    ),
    columns=(
        Column(
            "id",
            "text",
            labels=("ID",),
            required=False,
            description="Date et région ; ressemble à un instant avec décalage, n'en est pas un",
        ),
        Column("date", "date", labels=("Date",), nullable=False, description="Jour civil"),
        # The portal types this code as an integer; ours are text, two characters.
        Column(
            CODE_REGION.name,
            "text",
            labels=CODE_REGION.labels,
            nullable=False,
            declared="int",
            description=CODE_REGION.description,
            width=CODE_REGION.width,
        ),
        Column("region", "text", labels=("Région",), description="Nom de la région"),
        _celsius("tmin", "TMin", "Température minimale du jour"),
        _celsius("tmax", "TMax", "Température maximale du jour"),
        _celsius("tmoy", "TMoy", "Température moyenne du jour : (minimale + maximale) / 2"),
    ),
    staged=(
        "code_insee_region as code_region",
        "date",
        "tmin as temperature_min_c",
        "tmax as temperature_max_c",
        "tmoy as temperature_moyenne_c",
    ),
)
