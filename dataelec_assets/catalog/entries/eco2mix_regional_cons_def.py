"""éCO2mix by region, consolidated and definitive."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._eco2mix import battery, regional
from dataelec_assets.catalog.entries._shared import CODE_REGION, eco2mix_time, rates

DATASET = Dataset(
    portal="odre",
    id="eco2mix-regional-cons-def",
    title="Données éCO2mix régionales consolidées et définitives",
    publisher="RTE",
    cadence="monthly",
    expected_lag=timedelta(days=150),
    history_start=date(2013, 1, 1),
    partitioning=Partitioning("month", on="date_heure"),
    key=("code_insee_region", "date", "heure"),
    fingerprint=("consommation", "thermique", "nucleaire", "ech_physiques"),
    status_column="nature",
    territories="code_insee_region",
    warning="Le thermique régional confond charbon, fioul et gaz : aucun CO2 régional ne peut en être mesuré.",
    known=(
        of_file("2026-06-30", "un relevé de l'API", "columns"),
        of_code("2026-05", "mesures d'un programme au portail", "address", "units", "history", "cadence"),
    ),
    columns=(
        CODE_REGION,
        Column("libelle_region", "text", labels=("Région",), description="Nom de la région"),
        *eco2mix_time("Date - Heure"),
        *regional(text_columns=frozenset({"eolien"})),
        *battery(declared_text=False),
        *rates(),
    ),
)
