"""A lake made by hand and the warehouse that dbt builds from it.

Longer than 300 lines because one lake serves all tests of models.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.database import STORAGE_VERSION, connect
from dataelec_assets.lake.calendar import CalendarLake
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake, schema_of
from dataelec_assets.lake.partition_index import PartitionInfo
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.quarantine import QuarantineLake
from dataelec_assets.lake.revisions import RevisionLake
from dataelec_assets.portals.partition_filters import ALL
from dataelec_assets.warehouse.dbt import NodeResult, run_dbt, target_dir
from dataelec_assets.warehouse.parse import ensure_parse
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.rules import with_rules
from dataelec_assets.warehouse.runner import invoke
from dataelec_assets.warehouse.source_views import show_sources
from tests.fixtures import with_a_fixture
from tests.reading import read_table

PARIS = ZoneInfo("Europe/Paris")

Row = Mapping[str, Any]

# Tables made from several families of data sets, with their tests: those of one family build without them.
ACROSS = (
    "path:tests/mix_*",
    *(
        f"path:models/*/*/{name}.*"
        for name in (
            "*_indicateur*",
            "*_typologie*",
            "int_decomposition*",
            "int_logements_par_territoire",
            "int_mix_*",
            "int_prevision_*",
            "int_quotidien_national",
            "int_relations*",
            "int_thermosensibilite_*",
            "int_totaux_calcules",
            "mart_completude",
            "mart_conso_quotidienne_region",
            "mart_consommation_par_client",
            "mart_decomposition_consommation",
            "mart_degres_jours",
            "mart_ecarts_publies",
            "mart_mix_*",
            "mart_periode",
            "mart_prevision*",
            "mart_priorite_isolation",
            "mart_question_*",
            "mart_quotidien_national",
            "mart_rapprochement_annuel",
            "mart_thermosensibilite*",
            "meta_ecarts_sources",
            "meta_fautes_du_publieur",
        )
    ),
)

# Generic tests that dbt brings, and the one that joins `not_null` of several columns: they are shown to fail once.
BUILT_IN = ("not_null", "never_null", "unique", "accepted_values")

# Of every partition: what is written anew has the same name.
_SIGNATURE = "0" * 64

# Words in the paths of what is tested with them, in test_across_faults.py.
ACROSS_WORDS = (
    *("logement", "mart_completude.", "mart_quotidien_national", "mart_conso_quotidienne_region"),
    *("meta_quarantaine", "mart_periode"),
)

_NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")

# What dbt has selected in this process, by its arguments.
_CHOSEN: dict[tuple[str, ...], list[str]] = {}


class TinyLake:
    """A lake whose Parquet copies are written row by row, with its warehouse."""

    def __init__(self, root: Path) -> None:
        self.paths = LakePaths(root)
        self._parquet = ParquetLake(self.paths)
        self._catalog = load_catalog()

    @classmethod
    def empty(cls, root: Path) -> TinyLake:
        """Make a lake without rows, with every data set readable and the calendar of the packages."""
        lake = cls(root)
        for dataset in lake._catalog.values():
            lake._parquet.ensure_readable(dataset)
        RevisionLake(lake.paths).ensure_readable()
        CalendarLake(lake.paths).ensure_current()
        QuarantineLake(lake.paths).ensure_readable()
        return lake

    def copy(self, root: Path) -> TinyLake:
        """Return a copy of rows and tables, to be spoiled."""
        shutil.copytree(self.paths.root, root)
        return TinyLake(root)

    def write(self, dataset_id: str, rows: Iterable[Row]) -> None:
        """Replace each month that ``rows`` touch; a column that a row does not give is null."""
        dataset = self._catalog[dataset_id]
        months: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            months[_month(dataset, row)].append(row)
        for month, chosen in months.items():
            content = [{name: row.get(name) for name in dataset.column_names} for row in chosen]
            self.store(dataset_id, month, pa.Table.from_pylist(content, schema=schema_of(dataset)))

    def read_published(self, dataset_id: str, files: Sequence[Path]) -> None:
        """Write the partitions of published files, as a refresh would."""
        assert files, f"no published file of {dataset_id}"
        dataset = self._catalog[dataset_id]
        when = dataset.partitioning.on
        tables = pa.concat_tables(read_table(connect(), dataset, inspect(dataset_id, file)) for file in files)
        if when is None:
            self.store(dataset_id, ALL, tables)
            return
        kind = dataset.column(when).type
        civil = f"timezone('Europe/Paris', {when})" if kind == "datetime" else when
        key = f"CAST({when} AS VARCHAR)" if kind == "int" else f"strftime({civil}, '%Y-%m')"
        with connect() as connection:
            connection.register("published", tables)
            months = connection.sql(f"SELECT {key} FROM published").to_arrow_table().column(0)
        for month in pc.unique(months).to_pylist():
            self.store(dataset_id, month, tables.filter(pc.equal(months, month)))

    def read_whole(self, dataset_id: str, partition: str, file: Path) -> None:
        """Write a published file, such as an edition, as one partition."""
        dataset = self._catalog[dataset_id]
        self.store(dataset_id, partition, read_table(connect(), dataset, inspect(dataset_id, file)))

    def store(self, dataset_id: str, month: str, table: pa.Table) -> None:
        """Write one partition as it is."""
        dataset = self._catalog[dataset_id]
        known = PartitionInfo(_SIGNATURE, table.num_rows, None, None, None)
        self._parquet.write_index(dataset, self._parquet.index(dataset) | {month: known})
        target = self._parquet.file(dataset, month)
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.combine_chunks().cast(schema_of(dataset)), target)

    def drop(self, dataset_id: str, month: str) -> None:
        """Remove a month."""
        dataset = self._catalog[dataset_id]
        index = self._parquet.index(dataset)
        del index[month]
        self._parquet.write_index(dataset, index)
        self._parquet.drop(dataset, month)

    def dbt(
        self,
        *arguments: str,
        months: Sequence[str] = (),
        intact: Sequence[str] = (),
        nodes: Sequence[str] | None = None,
    ) -> dict[str, NodeResult]:
        """Run dbt and return its results by the name of the model, seed or test."""
        self.paths.warehouse.parent.mkdir(exist_ok=True)
        with connect(self.paths.warehouse, config={"storage_compatibility_version": STORAGE_VERSION}) as connection:
            show_sources(connection, self.paths, self._catalog.values())
        results = run_dbt(self.paths, arguments, months=months, intact=intact, nodes=nodes)
        return {name_of(result): result for result in results}

    def build(self, *select: str, months: Sequence[str] = ()) -> dict[str, NodeResult]:
        """Build ``select`` (default: all) with its data tests, without unit tests."""
        return self.dbt("build", *_NO_UNIT_TESTS, months=months, nodes=self._chosen(select))

    def check(self, *select: str, run: bool = True) -> dict[str, str]:
        """Build the tables, then run every data test whatever the others say; return what they found.

        With ``run`` false the tables are taken as they are: a fault can then be put into a table that the models
        make right by construction.
        """
        if run:
            self.make(*select)
        return found_by(self.dbt("test", *_NO_UNIT_TESTS, nodes=self._chosen(select)))

    def make(self, *select: str, months: Sequence[str] = (), intact: Sequence[str] = (), is_full: bool = False) -> None:
        """Build the tables without any test; all rows of those that keep their months when ``is_full``."""
        full = ("--full-refresh",) if is_full else ()
        arguments = ("build", *full, "--exclude-resource-type", "test", *_NO_UNIT_TESTS)
        chosen = self._chosen(select)
        tables = None if chosen is None else [key for key in chosen if not key.startswith("test.")]
        assert found_by(self.dbt(*arguments, months=months, intact=intact, nodes=tables)) == {}

    def _chosen(self, select: Sequence[str]) -> Sequence[str] | None:
        """Return dbt's names of what it selects, None for all; it is asked once in each process."""
        if not select:
            return None
        if tuple(select) not in _CHOSEN:
            # Cautious: a check that also reads a table outside the selection is left out.
            command = ("ls", *_NO_UNIT_TESTS, "--output", "json", "--output-keys", "unique_id")
            listed = invoke(
                [*command, "--indirect-selection", "cautious", "--select", *select],
                project=PROJECT_DIR,
                work=target_dir(self.paths),
                values={},
                manifest=ensure_parse(self.paths).manifest(),
            )
            names = [json.loads(line)["unique_id"] for line in listed]
            _CHOSEN[tuple(select)] = [name for name in names if name.startswith(("model.", "seed.", "test."))]
        return _CHOSEN[tuple(select)]

    def manifest(self) -> dict[str, Any]:
        """Return dbt's manifest of the project, with a test for each rule."""
        return with_rules(json.loads(ensure_parse(self.paths).manifest_json.read_text(encoding="utf-8")))

    def checks_of_our_own(
        self, words: Sequence[str], without: Sequence[str] = (), built_in: Collection[str] = BUILT_IN
    ) -> set[str]:
        """Return the data tests that need an injected fault, of models and tests whose path has one of the words.

        Args:
            words: one of them is in the path; the folder of a domain does not count, for it holds other tables too.
            without: none of them is.
            built_in: generic tests that dbt itself brings, which need no proof.
        """
        keys = {node["unique_id"] for node in self.checks_of_keys(with_a_fixture())}
        found = {
            node["name"]
            for node in self.manifest()["nodes"].values()
            if node["resource_type"] == "test"
            and (node.get("test_metadata") or {}).get("name") not in built_in
            and any(word in _without_domain(node["original_file_path"]) for word in words)
            and not any(word in _without_domain(node["original_file_path"]) for word in without)
            and node["unique_id"] not in keys
        }
        assert found, f"no check has a path with {words}"
        return found

    def checks_of_keys(self, datasets: Collection[str]) -> list[dict[str, Any]]:
        """Return the checks that the keys of some staging models are unique; test_checks_of_keys.py proves them."""
        staging = {f"model.dataelec.{self._catalog[each].staging_model}" for each in datasets}
        return [
            node
            for node in self.manifest()["nodes"].values()
            if (node.get("test_metadata") or {}).get("name") == "unique_combination"
            and node["attached_node"] in staging
        ]

    def execute(self, *statements: str) -> None:
        """Change tables of the warehouse behind dbt's back."""
        with duckdb.connect(str(self.paths.warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the warehouse, views over the lake included; instants in UTC."""
        with self._opened() as connection:
            return connection.execute(sql).fetchall()

    def contents(self, tables: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of some tables, sorted; the file is opened once: that costs more than to read a table."""
        with self._opened() as connection:
            return {table: connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in tables}

    def _opened(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.paths.warehouse))
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET file_search_path = '{self.paths.parquet}'")
        return connection


@dataclass(frozen=True, slots=True)
class BuiltLake:
    """A warehouse, and what dbt said while building it."""

    lake: TinyLake
    results: dict[str, NodeResult]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the warehouse; instants in UTC."""
        return self.lake.query(sql)


def _without_domain(path: str) -> str:
    """Return ``models/marts/fct_stock_gaz.yml`` for ``models/marts/gaz/fct_stock_gaz.yml``."""
    return re.sub(r"^(models/(?:intermediate|marts))/\w+/", r"\1/", path)


def name_of(result: NodeResult) -> str:
    parts = result.unique_id.split(".")
    return parts[-1] if parts[0] == "unit_test" else parts[2]


def _month(dataset: Dataset, row: Row) -> str:
    if dataset.partitioning.grain == "edition":
        return str(row["edition"])
    if dataset.partitioning.grain == "none":
        return ALL
    if dataset.partitioning.grain == "import":
        return str(row["proprietaire"])
    assert dataset.partitioning.on is not None, "a data set without partitions has no month"
    when = row[dataset.partitioning.on]
    if isinstance(when, int):
        return f"{when:04d}"
    form = "%Y-%m-%d" if dataset.partitioning.grain == "day" else "%Y-%m"
    return f"{when.astimezone(PARIS) if isinstance(when, datetime) else when:{form}}"


def found_by(results: Mapping[str, NodeResult]) -> dict[str, str]:
    """Return the data tests that found something: ``{name: "warn" or "fail"}``.

    Raises:
        AssertionError: a node could not run at all.
    """
    broken = {name: each.message for name, each in results.items() if each.status in ("error", "runtime error")}
    assert not broken, broken
    return {name: each.status for name, each in results.items() if each.status in ("warn", "fail")}


def labels(day: date, step_minutes: int = 30) -> list[tuple[str, datetime]]:
    """Return every label that RTE prints on a day with its published instant (UTC).

    24 clock hours whatever the day: the spring labels that no clock shows share the instants of the next hour, the
    repeated autumn hour is printed once, with its second pass.
    """
    result = []
    for position in range(24 * 60 // step_minutes):
        wall = datetime(day.year, day.month, day.day, tzinfo=PARIS) + timedelta(minutes=position * step_minutes)
        earlier, later = wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
        # Earlier first: a repeated hour, whose second pass is printed. The reverse: an hour that is skipped.
        result.append((f"{wall:%H:%M}", max(earlier, later)))
    return result


def days(first: date, last: date) -> list[date]:
    """Return the civil days from ``first`` to ``last``, both included."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
