"""A small France at a stub of its portal, and a lake refreshed from it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataelec_assets.catalog import load_catalog
from dataelec_assets.commands.outcomes import RefreshOutcome
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.database import connect, literal
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.revisions import RevisionLake
from dataelec_assets.lake.write_through import bring
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample import generate
from dataelec_assets.sample.marker import MARKER
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import build_warehouse
from dataelec_assets.warehouse.publish import publish
from tests.reading import read_table
from tests.stubs import Stub

TEMPERATURE = "temperature-quotidienne-regionale"
GAS = "stock-quotidien-stockages-gaz"
GROSS = "consommation-quotidienne-brute"
REAL_TIME = "eco2mix-national-tr"

# First and last civil day of what is kept of each data set: a refresh then costs little beside starting.
_WINDOWS = {
    TEMPERATURE: (date(2023, 1, 1), date(2023, 2, 28)),
    GAS: (date(2023, 1, 1), date(2023, 2, 28)),
    GROSS: (date(2023, 2, 1), date(2023, 2, 3)),
    # The last two days of a month and the first of the next: two partitions.
    REAL_TIME: (date(2023, 11, 29), date(2023, 12, 1)),
}
SOURCES = tuple(_WINDOWS)
REFRESH = ("refresh", "--quiet", *(argument for each in SOURCES for argument in ("--source", each)))

# One revision of each source: which rows get which values.
REVISIONS: dict[str, tuple[str, dict[str, float]]] = {
    TEMPERATURE: ("date = date'2023-02-10'", {"tmin": 1.0, "tmoy": 2.0, "tmax": 3.0}),
    GAS: ("date = date'2023-02-10'", {"stock_fin_de_journee": 1234.5}),
    GROSS: ("heure = '12:00'", {"consommation_brute_electricite_rte": 61_000}),
    REAL_TIME: ("heure = '12:00'", {"consommation": 62_000}),
}

Rows = list[tuple[Any, ...]]


def write_small_france(folder: Path, scratch: Path) -> None:
    """Write a folder of published files: a few days of four synthetic data sets."""
    whole = generate(scratch, years=1).destination
    for dataset_id, (first, last) in _WINDOWS.items():
        dataset = load_catalog()[dataset_id]
        (source,) = (whole / "odre" / dataset_id).iterdir()
        table = read_table(connect(), dataset, inspect(dataset_id, source))
        within = pc.and_(pc.greater_equal(table["date"], first), pc.less_equal(table["date"], last))
        target = folder / "odre" / dataset_id / f"{dataset_id}.parquet"
        target.parent.mkdir(parents=True)
        table = table.filter(within)
        for position, column in enumerate(dataset.columns):
            if column.date_format:
                # The portal has such a date as text.
                published = pc.strftime(table[column.name], format=column.date_format)
                table = table.set_column(position, column.name, published)
        pq.write_table(table, target)
    shutil.copyfile(whole / MARKER, folder / MARKER)


@dataclass(frozen=True)
class Machine:
    """What a process finds where it runs.

    Attributes:
        environment: variables that are set.
        without: variables that are not.
        umask: which rights new files lack; -1: those of this process.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    umask: int = -1


@dataclass(frozen=True)
class SmallLake:
    """A lake and the portal it is refreshed from."""

    root: Path
    portal: Stub

    @property
    def paths(self) -> LakePaths:
        """Folders of the lake."""
        return LakePaths(self.root)

    @property
    def environment(self) -> dict[str, str]:
        """What the command line needs to refresh this lake."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATAELEC_", "DAGSTER_"))}
        addresses = {f"DATAELEC_{name.upper()}": str(url) for name, url in self.portal.addresses.items()}
        return {**kept, **addresses, "DATAELEC_LAKE": str(self.root)}

    def ctx(self, url: str | None = None, attempts: int = 2) -> RunContext:
        """Return the run context; an impatient one, since waiting proves nothing."""
        return RunContext(
            Settings(lake=self.root, odre_url=url or f"{self.portal.url}/odre"),
            retries=RetryPolicy(attempts=attempts, first_wait=0.01),
        )

    def refresh(
        self, sources: Sequence[str] = SOURCES, ctx: RunContext | None = None, **options: Any
    ) -> RefreshOutcome:
        """Refresh in this process; by default only what the portal has."""
        return run_refresh(sources, ctx=ctx or self.ctx(), quiet=True, **options)

    def take_up(self, *datasets: str) -> None:
        """Do what a refresh of these sources does, step by step: without Dagster, a tenth of the time."""
        ctx = self.ctx()
        for dataset_id in datasets:
            report = refresh_source(ctx, ctx.catalog[dataset_id], SilentProgress())
            assert report.error is None, report.error
            refresh_copies(ctx, ctx.catalog[dataset_id])
        assert build_warehouse(ctx).broken == []
        publish(ctx)

    def revise(self, *datasets: str) -> None:
        """Let the publisher revise these sources, all when none is given."""
        for dataset in datasets or REVISIONS:
            where, values = REVISIONS[dataset]
            assert self.portal.revise(dataset, where, **values) > 0

    def fault(self, fault: str, dataset: str, times: int | None = None) -> None:
        """Let the portal answer exports of this data set wrongly: so many times, else for ever."""
        self.portal.fail(fault, dataset=dataset, kind="export", times=times)

    def dataelec(self, *arguments: str, machine: Machine | None = None) -> subprocess.Popen[str]:
        """Start the command line on this lake, in a process group of its own."""
        machine = machine or Machine()
        kept = {name: value for name, value in self.environment.items() if name not in machine.without}
        return subprocess.Popen(
            [sys.executable, "-m", "dataelec_assets", *arguments],
            env={**kept, **machine.environment},
            umask=machine.umask,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def refresh_apart(self, machine: Machine | None = None) -> float:
        """Refresh in a process of its own, which must end well; return the seconds it took."""
        start = time.monotonic()
        process = self.dataelec(*REFRESH, machine=machine)
        _, said = process.communicate()
        assert process.returncode == 0, said
        return time.monotonic() - start

    def rows(self, query: str) -> Rows:
        """Query the served file."""
        with duckdb.connect(str(self.paths.served_file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    def content(self) -> dict[str, str]:
        """Return the number of rows and a digest of each served table."""
        with duckdb.connect(str(self.paths.served_file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            return {name: _digest(connection, name, name) for name in sorted(names)}

    def parquet_content(self) -> dict[str, str]:
        """Return the same of the served Parquet tables."""
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            names = sorted({path.stem for path in (self.paths.serving / "parquet").iterdir() if path.suffix != ".json"})
            return {name: _digest(connection, name, literal(str(served_parquet(self.paths, name)))) for name in names}

    def publication(self) -> str:
        """Return the id of what is served."""
        ((identifier,),) = self.rows("SELECT publication_id FROM meta_publication")
        return str(identifier)

    def kept(self) -> dict[str, str]:
        """Return a digest of every file of raw, Parquet copies and serving: what a failed refresh must not touch."""
        folders = (self.paths.objects, self.paths.manifests, self.paths.parquet, self.paths.serving)
        files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
        return {str(file.relative_to(self.root)): _sha256(file) for file in files}


@dataclass(frozen=True)
class Known:
    """A state of the portal, as an undisturbed refresh shows it.

    Attributes:
        publication_id: of what is served.
        content, parquet: rows and digest of each served table, in the file and in Parquet.
        copies: digest of each of the lake's Parquet copies.
    """

    publication_id: str
    content: dict[str, str]
    parquet: dict[str, str]
    copies: dict[str, str]

    @classmethod
    def of(cls, small: SmallLake) -> Known:
        """Return what is served and copied now."""
        return cls(small.publication(), small.content(), small.parquet_content(), copies_of(small.paths))


@dataclass(frozen=True)
class Pristine:
    """A lake on which everything is loaded and served.

    Attributes:
        folder: where it is kept.
        known: what it holds.
        seconds: how long the first load took.
    """

    folder: Path
    known: Known
    seconds: float

    def restore(self, root: Path) -> None:
        """Put a copy of it where it was made, whatever is there."""
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.folder, root, symlinks=True)


def served_parquet(paths: LakePaths, table: str) -> Path:
    """Return the served Parquet file of a table, or the pattern of its files: a monthly fact has one per month."""
    folder = paths.serving / "parquet" / table
    return folder / "*.parquet" if folder.is_dir() else folder.with_name(f"{table}.parquet")


def copies_of(paths: LakePaths) -> dict[str, str]:
    """Return a digest of every Parquet copy of a lake that its readers open."""
    datasets, parquet = load_catalog().values(), ParquetLake(paths)
    files = [*(file for each in datasets for file in parquet.files(each)), *RevisionLake(paths).files(datasets)]
    bring(files)
    return {str(file.relative_to(paths.parquet)): _sha256(file) for file in files if file.exists()}


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _digest(connection: duckdb.DuckDBPyConnection, name: str, source: str) -> str:
    """Return the number of rows of a table and a digest of them, in any order."""
    # This instant says when, not what.
    columns = "* EXCLUDE (publiee_a)" if name == "meta_publication" else "*"
    ((rows, digest),) = connection.execute(
        f"SELECT count(*), md5(string_agg(line, chr(10) ORDER BY line)) "
        f"FROM (SELECT CAST(t AS VARCHAR) AS line FROM (SELECT {columns} FROM {source}) AS t)"
    ).fetchall()
    return f"{rows} rows {digest}"
