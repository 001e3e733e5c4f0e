"""A small lake with a publication that a test may change, and the catalogue that is made of it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.lake.atomic_files import write_json
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.parquet import schema_of
from dataelec_assets.lake.partition_index import PartitionInfo
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Secret, Settings
from dataelec_assets.warehouse.build import lake_signatures
from dataelec_assets.warehouse.datapackage import data_package, described
from dataelec_assets.warehouse.dictionary import table_docs
from dataelec_assets.warehouse.parquet_tables import Index, survey, write_index, write_tables
from tests.export.server import required

# By month, a table of one file, and one without rows.
MONTHLY, WHOLE, EMPTY = "fct_consommation_nationale", "dim_region", "dim_departement"
DAILY = "consommation-quotidienne-brute"

COPY, FACT = "copies.consommation_quotidienne_brute", f"publication.{MONTHLY}"


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    """Skip where `make beyond` was not run; continuous integration must have it."""
    if find_spec("pyiceberg") is None:
        if os.environ.get("CI"):
            pytest.fail("pyiceberg is missing: .ci/beyond runs these tests in the environment of `make beyond`")
        pytest.skip("needs the environment of `make beyond`")


@dataclass
class Lake:
    """A lake whose publication a test may change."""

    ctx: RunContext
    months: dict[str, float] = field(default_factory=dict)
    publications: int = 0

    @property
    def served(self) -> Path:
        return self.ctx.paths.root / "served.duckdb"

    def publish(self, *statements: str, **months: float) -> str:
        """Change tables by SQL and copies by month (``m2024_01=5.0``), publish, return the id."""
        self.copy({key[1:].replace("_", "-"): value for key, value in months.items()})
        self.publications += 1
        identifier = f"{self.publications:016x}"
        with duckdb.connect(str(self.served)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for statement in statements:
                connection.execute(statement)
            folder = self.ctx.paths.serving / "parquet"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            tables = write_tables(connection, folder, survey(connection, None, None, ()), folder, None)
        words = described(table_docs())
        descriptions = {name: words[name] for name in tables}
        package = data_package((identifier, datetime(2026, 11, 26, tzinfo=UTC)), descriptions, tables, [])
        write_json(self.ctx.paths, folder / "datapackage.json", package, indent=None)
        write_index(self.ctx.paths, folder, Index("rules", "described", tables))
        self.built()
        return identifier

    def copy(self, months: dict[str, float]) -> None:
        """Write a copy for each month, one row a day; the lake is then ahead of the publication."""
        dataset = self.ctx.catalog[DAILY]
        self.months |= months
        index = {}
        for month, value in self.months.items():
            year, number = map(int, month.split("-"))
            days = [date(year, number, 1) + timedelta(days=each) for each in range(28)]
            empty = schema_of(dataset).empty_table().to_pydict()
            values: dict[str, Any] = {name: [None] * len(days) for name in empty} | {"date": days}
            values["consommation_brute_electricite_rte"] = [value] * len(days)
            signature = hashlib.sha256(f"{month} {value}".encode()).hexdigest()
            target = self.ctx.parquet.part(dataset, month, signature)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                pq.write_table(pa.Table.from_pydict(values, schema=schema_of(dataset)), target, compression="zstd")
            index[month] = PartitionInfo(signature, len(days), None, None, None)
        self.ctx.parquet.write_index(dataset, index)

    def built(self) -> None:
        """Let the warehouse say that it was built from the lake as it is."""
        self.ctx.paths.warehouse.parent.mkdir(exist_ok=True)
        with duckdb.connect(str(self.ctx.paths.warehouse)) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS etat")
            connection.execute(
                "CREATE OR REPLACE TABLE etat.partitions (dataset_id text, partition text, signature text)"
            )
            connection.execute("CREATE OR REPLACE TABLE etat.version AS SELECT 'projet' AS projet")
            rows = [[*key, signature] for key, signature in lake_signatures(self.ctx).items()]
            connection.executemany("INSERT INTO etat.partitions VALUES (?, ?, ?)", rows)

    def register(self, keep: int = 30) -> Any:
        """Bring the catalogue up to date."""
        from dataelec_assets.export.iceberg.register import register

        return register(self.ctx, keep, lambda _: None)

    def table(self, name: str) -> Any:
        """Return a table of the catalogue as it is now."""
        from dataelec_assets.export.iceberg.catalogue import opened

        with opened(self.ctx.paths, self.ctx.settings.iceberg) as catalog:
            return catalog.load_table(name)

    def names(self) -> set[str]:
        """Return the names of all tables of the catalogue."""
        from dataelec_assets.export.iceberg.catalogue import opened

        with opened(self.ctx.paths, self.ctx.settings.iceberg) as catalog:
            return {".".join(each) for space in ("copies", "publication") for each in catalog.list_tables(space)}

    def rows(
        self, name: str, publication: str | None = None, columns: tuple[str, ...] = ("*",)
    ) -> list[dict[str, Any]]:
        """Return the rows of a table, now or as a publication had them."""
        table = self.table(name)
        snapshot = table.snapshot_by_name(f"publication-{publication}").snapshot_id if publication else None
        found: list[dict[str, Any]] = table.scan(snapshot_id=snapshot, selected_fields=columns).to_arrow().to_pylist()
        return sorted(found, key=str)

    def consumption(self, publication: str | None = None) -> dict[str, int]:
        """Return the consumption of each month of the monthly fact."""
        rows = self.rows(f"publication.{MONTHLY}", publication, ("mois", "consommation_electricite_mw"))
        found = {row["mois"]: row["consommation_electricite_mw"] for row in rows}
        assert len(found) == len(rows)
        return found

    def files(self) -> dict[str, tuple[int, int]]:
        """Return inode and time of each file below ``iceberg/``."""
        stats = {path: path.stat() for path in (self.ctx.paths.root / "iceberg").rglob("*") if path.is_file()}
        return {str(path): (stat.st_ino, stat.st_mtime_ns) for path, stat in stats.items() if path.name != ".lock"}


def half_hours(month: str, power: int) -> str:
    """Return the statement that adds one half-hour of a month."""
    return (
        f"INSERT INTO {MONTHLY} BY NAME SELECT '{month}' AS mois, DATE '{month}-01' AS date_locale, "
        f"'00:00' AS heure_locale, TIMESTAMPTZ '{month}-01' AS instant_utc, {power} AS consommation_electricite_mw, "
        "false AS est_heure_fictive"
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake that has published two months of a fact and a dimension, from two months of copies."""
    found = Lake(RunContext(Settings(lake=tmp_path / "lake"), lock_wait_seconds=30))
    with exclusive(found.ctx.paths):
        found.ctx.calendar.ensure_current()
    docs = {table.name: table for table in table_docs()}
    creations = []
    for name in (MONTHLY, WHOLE, EMPTY):
        columns = ", ".join(f'"{column.name}" {column.type}' for column in docs[name].columns)
        creations.append(f"CREATE TABLE {name} ({columns})")
    found.publish(
        *creations,
        half_hours("2024-01", 100),
        half_hours("2024-02", 200),
        f"INSERT INTO {WHOLE} BY NAME SELECT '75' AS code_region, 'Nouvelle-Aquitaine' AS nom_region",
        m2024_01=1.0,
        m2024_02=2.0,
    )
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of an empty PostgreSQL; CI must have one, elsewhere the test is skipped."""
    with required() as address:
        yield address


@pytest.fixture
def on_postgres(lake: Lake, server: str) -> Lake:
    """Return the same lake, whose catalogue is a database."""
    return replace(lake, ctx=replace(lake.ctx, settings=Settings(lake=lake.ctx.paths.root, iceberg=Secret(server))))
