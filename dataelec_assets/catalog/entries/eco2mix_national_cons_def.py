"""éCO2mix, national, consolidated and definitive."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Dataset, Partitioning, of_code
from dataelec_assets.catalog.entries._eco2mix import battery, national
from dataelec_assets.catalog.entries._shared import eco2mix_time

DATASET = Dataset(
    portal="odre",
    id="eco2mix-national-cons-def",
    title="Données éCO2mix nationales consolidées et définitives",
    publisher="RTE",
    cadence="monthly",
    expected_lag=timedelta(days=150),  # batches, one to four months late
    history_start=date(2012, 1, 1),
    partitioning=Partitioning("month", on="date_heure"),
    key=("date", "heure"),
    fingerprint=("consommation", "nucleaire", "gaz", "ech_physiques"),
    status_column="nature",
    known=(
        of_code(
            "2026-09-27",
            "mesures d'un programme au portail : lots d'un à quatre mois",
            "address",
            "columns",
            "units",
            "history",
            "cadence",
        ),
    ),
    columns=(
        *eco2mix_time("Date et Heure"),
        *national(text_columns=frozenset({"ech_comm_allemagne_belgique", "gaz_cogen"})),
        *battery(declared_text=True),
    ),
)
