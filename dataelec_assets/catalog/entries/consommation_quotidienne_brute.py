"""Gross consumption of gas and electricity, national, half-hourly."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._shared import FLAG_IGNORE, gross_consumption

DATASET = Dataset(
    portal="odre",
    id="consommation-quotidienne-brute",
    title="Consommation quotidienne brute",
    publisher="RTE, NaTran (ex-GRTgaz), Teréga",
    cadence="monthly",
    expected_lag=timedelta(days=75),  # month-end upload plus about six weeks, as users report
    history_start=date(2012, 1, 1),
    partitioning=Partitioning("month", on="date_heure"),
    key=("date", "heure"),
    fingerprint=("consommation_brute_electricite_rte", "consommation_brute_gaz_totale"),
    status_column="statut_rte",
    known=(
        of_file("2025-12", "export de 2012 à octobre 2025", "address", "columns", "units", "history"),
        of_code("2026-01", "programme qui relit le jeu : un mois environ six semaines après sa fin", "cadence"),
    ),
    columns=(
        *gross_consumption(),
        Column(
            "date",
            "date",
            labels=("Date",),
            nullable=False,
            declared="text",
            date_format="%d/%m/%Y",
            description="Jour civil, heure de Paris",
        ),
        Column("heure", "text", labels=("Heure",), nullable=False, description="Étiquette HH:MM, 48 par jour"),
        FLAG_IGNORE,
    ),
)
