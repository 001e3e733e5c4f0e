"""Daily energy injected on the transmission grid, by region and filière."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_page
from dataelec_assets.catalog.entries._shared import CODE_REGION

DATASET = Dataset(
    portal="odre",
    id="injections-regionales-quotidiennes-consolidees-rpt",
    title="Injections régionales quotidiennes consolidées sur le réseau public de transport",
    publisher="RTE",
    cadence="monthly",
    expected_lag=timedelta(days=90),
    history_start=date(2019, 1, 1),
    partitioning=Partitioning("month", on="date"),
    # (date, region, filière) is repeated: there is a row for each range of maximal power. The name of its column is not
    # known, so rows have no key and are summed, never dropped.
    key=(),
    fingerprint=("energie_journaliere_mwh",),
    territories="code_insee_region",
    # The range, and the power of each half-hour, under names that were never seen.
    left_in_raw=("*",),
    warning=(
        "Réseau de transport seulement, depuis 2019 : environ 5 % de l'éolien et 8 % du solaire. "
        "Aucun mix ni part renouvelable ne doit en être calculé."
    ),
    known=(
        of_page("2026-11", "fiche du jeu : depuis 2019, par plage de puissance maximale", "address", "history"),
        of_code("2026", "libellés que lisent des programmes", "units"),
    ),
    unverified=("columns", "cadence"),
    columns=(
        Column("date", "date", labels=("Date",), nullable=False, description="Jour civil"),
        CODE_REGION,
        Column("region", "text", labels=("Région",), required=False, description="Nom de la région"),
        Column("filiere", "text", labels=("Filière",), nullable=False, description="Filière de production"),
        Column(
            "energie_journaliere_mwh",
            "double",
            labels=("Energie journalière (MWh)", "Énergie journalière (MWh)"),
            unit="MWh",
            null_markers=("ND", "-"),
            description="Énergie injectée dans la journée",
        ),
    ),
)
