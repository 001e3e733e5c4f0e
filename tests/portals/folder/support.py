"""Folders of published files, and lakes that are refreshed from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import fetch_source
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.reading import copies

TEMPERATURES = "temperature-quotidienne-regionale"
TEMPERATURE_HEADER = "date;code_insee_region;region;tmin;tmax;tmoy\n"


@dataclass(frozen=True)
class FolderLake:
    """A folder, and a lake beside it."""

    data: Path
    ctx: RunContext

    def put(self, name: str, content: str | bytes, *, portal: str = "odre", dataset: str = TEMPERATURES) -> Path:
        """Write a file of a data set."""
        path = self.data / portal / dataset / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def dataset(self, dataset_id: str = TEMPERATURES) -> Dataset:
        return self.ctx.catalog[dataset_id]

    def refresh(self, dataset_id: str = TEMPERATURES) -> SourceReport:
        """Observe, fetch what is stale and copy it, as a refresh does."""
        dataset = self.dataset(dataset_id)
        (seen,) = observe_sources(self.ctx, [dataset])
        if seen.report.error is not None or not seen.plan.to_fetch:
            return seen.report
        report = fetch_source(self.ctx, seen, SilentProgress())
        refresh_copies(self.ctx, dataset)
        return report

    def rows(self, select: str, dataset_id: str = TEMPERATURES) -> list[tuple[Any, ...]]:
        """Query the Parquet copies of a data set."""
        lake = copies(self.ctx, self.dataset(dataset_id))
        with connect() as connection:
            return connection.execute(f"SELECT {select} FROM {lake} ORDER BY ALL").fetchall()


def lake_of(data: Path, root: Path) -> FolderLake:
    """Return an empty lake that is refreshed from ``data``."""
    data.mkdir(parents=True, exist_ok=True)
    settings = Settings(lake=root, folder=data)
    return FolderLake(data, RunContext(settings, now=lambda: datetime(2026, 11, 30, 12, tzinfo=UTC)))


def days(*lines: str) -> str:
    """Return a file of temperatures; a line is a day, a region and the mean."""
    rows = [line.split() for line in lines]
    return TEMPERATURE_HEADER + "".join(f"{day};{code};x;1;9;{mean}\n" for day, code, mean in rows)
