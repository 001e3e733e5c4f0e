"""éCO2mix, national, real time."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._eco2mix import battery, national
from dataelec_assets.catalog.entries._shared import eco2mix_time

DATASET = Dataset(
    portal="odre",
    id="eco2mix-national-tr",
    title="Données éCO2mix nationales temps réel",
    publisher="RTE",
    cadence="quarter-hourly",
    expected_lag=timedelta(hours=3),  # values come about one hour late; the portal is frozen at night
    # The portal's window moves with consolidation; RTE's own files of real time, which people keep, go back as far as
    # éCO2mix does.
    history_start=date(2012, 1, 1),
    partitioning=Partitioning("month", on="date_heure"),
    key=("date", "heure"),
    # Covers every true revision measured in 5.5 months of snapshots (median 15 h, longest 49 h).
    lookback=timedelta(days=3),
    fingerprint=("consommation", "nucleaire", "gaz", "ech_physiques"),
    status_column="nature",
    keep_vanished=True,
    known=(
        of_file("2026-05", "instantanés de l'API, mars à mai 2026 ; export de 2021", "address", "columns", "units"),
        of_code("2026-09-27", "mesures d'un programme au portail", "history", "cadence"),
    ),
    columns=(
        *eco2mix_time("Date - Heure"),
        *national(text_columns=frozenset({"ech_comm_angleterre", "ech_comm_allemagne_belgique"})),
        *battery(declared_text=True),
    ),
)
