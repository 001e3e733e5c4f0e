"""Gas in storage at the end of each day, by group of storages."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file

DATASET = Dataset(
    portal="odre",
    id="stock-quotidien-stockages-gaz",
    title="Stock quotidien de gaz dans les stockages",
    publisher="Storengy, Teréga",
    cadence="monthly",
    expected_lag=timedelta(days=65),  # each operator uploads for itself; Teréga comes one month later
    history_start=date(2010, 11, 1),
    partitioning=Partitioning("month", on="date"),
    key=("date", "source", "pits"),
    fingerprint=("stock_fin_de_journee",),
    warning="Teréga publie un mois après Storengy : ne sommer que les jours où les six PITS sont présents.",
    known=(
        of_file("2022-10", "export de novembre 2010 à octobre 2022", "address", "columns", "history"),
        of_code("2023-10", "programmes qui lisent le jeu ; Teréga suit d'un mois", "units", "cadence"),
    ),
    columns=(
        Column("date", "date", labels=("Date",), nullable=False, description="Jour gazier"),
        Column(
            "stock_fin_de_journee",
            "double",
            labels=("Stock fin de journée (GWh PCS 0°C)",),
            unit="GWh PCS 0 °C",
            nullable=False,
            description="Gaz en stock en fin de journée",
        ),
        Column("source", "text", labels=("Source",), nullable=False, description="Opérateur"),
        Column("pits", "text", labels=("PITS",), nullable=False, description="Point d'interface transport stockage"),
    ),
)
