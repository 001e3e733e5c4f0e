"""Gross consumption of gas and electricity by region, half-hourly."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._shared import CODE_REGION, FLAG_IGNORE, gross_consumption

DATASET = Dataset(
    portal="odre",
    id="consommation-quotidienne-brute-regionale",
    title="Consommation quotidienne brute régionale",
    publisher="RTE, NaTran (ex-GRTgaz), Teréga",
    cadence="monthly",
    expected_lag=timedelta(days=75),
    history_start=date(2013, 1, 1),
    partitioning=Partitioning("month", on="date_heure"),
    # `date` is not part of the key: some vintages have day and month swapped for days 1 to 12.
    key=("code_insee_region", "date_heure", "heure"),
    fingerprint=("consommation_brute_electricite_rte", "consommation_brute_gaz_totale"),
    status_column="statut_rte",
    territories="code_insee_region",
    known=(
        of_file(
            "2022-03",
            "relevés de l'API de 2013 à 2022, sans flag_ignore",
            "address",
            "columns",
            "history",
        ),
        of_code("2026", "programmes qui lisent le jeu et son flag_ignore", "units", "cadence"),
    ),
    columns=(
        CODE_REGION,
        Column("region", "text", labels=("Région",), description="Nom de la région"),
        *gross_consumption(),
        Column(
            "date",
            "text",
            labels=("Date",),
            description="Jour publié, non fiable (jour et mois parfois échangés) : utiliser date_heure",
        ),
        Column("heure", "text", labels=("Heure",), nullable=False, description="Étiquette HH:MM, 48 par jour"),
        FLAG_IGNORE,
    ),
)
