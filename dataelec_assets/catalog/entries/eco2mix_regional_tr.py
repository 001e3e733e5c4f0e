"""éCO2mix by region, real time."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._eco2mix import battery, regional
from dataelec_assets.catalog.entries._shared import CODE_REGION, eco2mix_time, rates

DATASET = Dataset(
    portal="odre",
    id="eco2mix-regional-tr",
    title="Données éCO2mix régionales temps réel",
    publisher="RTE",
    cadence="quarter-hourly",
    expected_lag=timedelta(hours=3),
    # As far back as regional éCO2mix goes: the portal's window is younger, saved files need not be.
    history_start=date(2013, 1, 1),
    partitioning=Partitioning("month", on="date_heure"),
    key=("code_insee_region", "date", "heure"),
    lookback=timedelta(days=3),
    fingerprint=("consommation", "thermique", "nucleaire", "ech_physiques"),
    status_column="nature",
    keep_vanished=True,
    territories="code_insee_region",
    warning="Le thermique régional confond charbon, fioul et gaz : aucun CO2 régional ne peut en être mesuré.",
    known=(
        of_file("2026-05", "instantanés de l'API de mars à mai 2026", "address", "columns"),
        of_code("2026-03", "mesures d'un programme au portail", "units", "history", "cadence"),
    ),
    columns=(
        CODE_REGION,
        Column("libelle_region", "text", labels=("Région",), description="Nom de la région"),
        *eco2mix_time("Date - Heure"),
        *regional(text_columns=frozenset({"pompage"})),
        *battery(declared_text=True)[:2],
        *rates(),
    ),
)
