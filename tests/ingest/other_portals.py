"""A catalogue of two throw-away entries: yearly consumption on data-fair, populations in zipped editions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from dataelec_assets.catalog import Catalog, Column, Dataset, Edition, Partitioning
from dataelec_assets.database import connect
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.ingest.session import Session
from dataelec_assets.pipeline import Outcome, Request, observe
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.published import publish, publish_edition, stub
from tests.reading import copies
from tests.stubs import Stub

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

CONSUMPTION = Dataset(
    portal="ore",
    id="consommation-essai-par-commune",
    title="Consommation annuelle par commune",
    publisher="Agence ORE",
    cadence="yearly",
    expected_lag=timedelta(days=800),
    history_start=date(2021, 1, 1),
    partitioning=Partitioning("year", on="annee"),
    key=("annee", "code_commune", "code_naf"),
    fingerprint=("conso_totale_mwh", "nb_sites"),
    columns=(
        Column("annee", "int", labels=("Année",), nullable=False, description="Année"),
        Column("code_commune", "text", labels=("Code Commune",), nullable=False, width=5, description="Commune"),
        Column("code_naf", "text", labels=("CODE SECTEUR NAF2",), description="Activité"),
        Column("conso_totale_mwh", "double", labels=("Conso totale (MWh)",), unit="MWh", description="Énergie"),
        Column("nb_sites", "double", labels=("Nb sites",), description="Sites"),
    ),
)

POPULATION = Dataset(
    portal="insee",
    id="populations-essai-communes",
    title="Populations des communes",
    publisher="INSEE",
    cadence="yearly",
    expected_lag=timedelta(days=1100),
    history_start=date(2019, 1, 1),
    partitioning=Partitioning("edition"),
    key=("com",),
    fingerprint=("pmun",),
    columns=(
        Column("com", "text", nullable=False, width=5, description="Commune"),
        Column("pmun", "double", unit="hab", nullable=False, description="Population municipale"),
    ),
    editions=(
        Edition("2019", "fichier/6011070/ensemble.zip", member="donnees_communes.csv"),
        Edition("2020", "fichier/6683035/ensemble.zip", member="donnees_communes.csv"),
        Edition("2022", "fichier/8290591/ensemble.zip", member="donnees_communes.csv"),
    ),
)

CATALOG = Catalog([CONSUMPTION, POPULATION])
YEARS = (2021, 2022, 2023)
COMMUNES = ("01001", "2A004", "69123", "97411")


def consumption() -> Iterator[list[str]]:
    """Yield the published rows: households have no activity, one value is secret."""
    yield ["Année", "Code Commune", "CODE SECTEUR NAF2", "Conso totale (MWh)", "Nb sites"]
    for year in YEARS:
        for number, code in enumerate(COMMUNES):
            yield [str(year), code, "", f"{year + number / 4}", str(100 + number)]
            yield [str(year), code, "47", "" if number == 1 else f"{10 * number}.5", str(number)]


def population(edition: int) -> str:
    """Return an edition as published, its last line without end."""
    return "COM;PMUN\n" + "\n".join(f"{code};{edition + number}" for number, code in enumerate(COMMUNES))


@contextmanager
def portals() -> Iterator[Stub]:
    """Serve both data sets."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(consumption())
    with stub() as serving:
        publish(serving, CONSUMPTION, text.getvalue())
        for edition in POPULATION.editions:
            year = int(edition.key)
            publish_edition(serving, POPULATION, edition.key, population(year), datetime(year + 1, 1, 1, tzinfo=UTC))
        yield serving


class Served:
    """A lake that is refreshed from stubs of two portals.

    Attributes:
        ctx: the lake.
        portal: the stubs.
    """

    def __init__(self, lake: Path, portal: Stub) -> None:
        self.portal = portal
        settings = Settings(lake=lake, **portal.addresses)  # type: ignore[arg-type]  # all are addresses
        retries = RetryPolicy(attempts=2, first_wait=0.01)
        seconds = count()
        # Vintages are distinguished by the second of their arrival.
        self.ctx = RunContext(settings, CATALOG, now=lambda: NOW + timedelta(seconds=next(seconds)), retries=retries)
        self._calls: dict[str, dict[str, int]] = {}

    def refresh(self) -> dict[str, SourceReport]:
        """Observe, fetch and copy as a refresh does, without tables."""
        observed, session = observe(self.ctx, Request()), Session(self.ctx)
        return Outcome(observed.observations, ingested=[session.ingest(task) for task in observed.tasks]).reports

    def new_calls(self) -> dict[str, dict[str, int]]:
        """Return the calls that the portal received since this was last asked."""
        before, self._calls = self._calls, self.portal.counted()
        counted = {
            name: {kind: number - before.get(name, {}).get(kind, 0) for kind, number in kinds.items()}
            for name, kinds in self._calls.items()
        }
        moved = {name: {kind: number for kind, number in kinds.items() if number} for name, kinds in counted.items()}
        return {name: kinds for name, kinds in moved.items() if kinds}

    def rows(self, dataset: Dataset, query: str) -> list[tuple[object, ...]]:
        """Run a query on the Parquet copies, ``lake`` in it."""
        return connect().execute(query.replace("lake", copies(self.ctx, dataset))).fetchall()


CONSUMPTION_CALLS = f"ore/{CONSUMPTION.id}"
POPULATION_CALLS = {edition.key: f"insee/{edition.path}" for edition in POPULATION.editions}
HEADS = {name: {"head": 1} for name in POPULATION_CALLS.values()}
