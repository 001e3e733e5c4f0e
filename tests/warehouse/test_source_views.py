"""dbt's sources are views over the files that the lake's indexes name, and only what has moved is renewed."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.parquet import ParquetLake, schema_of
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import ready_lake
from dataelec_assets.warehouse.source_views import show_sources
from tests.dbt.lakes import TinyLake

GAS, TEMPERATURE = (
    load_catalog()[each] for each in ("stock-quotidien-stockages-gaz", "temperature-quotidienne-regionale")
)


class Sources:
    """A lake with two data sets, and a connection with their views."""

    def __init__(self, root: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.ctx = RunContext(Settings(lake=root), Catalog([GAS, TEMPERATURE]))
        self.lake = TinyLake(root)
        self.connection = connection
        ready_lake(self.ctx)

    def store(self, month: str, stock: float) -> None:
        rows = pa.Table.from_pylist([{"stock_fin_de_journee": stock}], schema=schema_of(GAS))
        self.lake.store(GAS.id, month, rows)

    def show(self) -> None:
        show_sources(self.connection, self.ctx.paths, self.ctx.catalog.values())

    def stocks(self) -> list[tuple[str, float]]:
        query = f"SELECT mois, stock_fin_de_journee FROM odre.{GAS.table} ORDER BY ALL"
        return self.connection.execute(query).fetchall()

    def made(self) -> dict[str, int]:
        """Return the number that DuckDB gave each view when it was made."""
        return dict(
            self.connection.execute("SELECT view_name, view_oid FROM duckdb_views() WHERE NOT internal").fetchall()
        )


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(tmp_path, duckdb.connect())


def test_a_source_without_rows_is_an_empty_view_with_the_columns_of_the_contract(sources: Sources) -> None:
    sources.show()
    assert sources.stocks() == []
    described = sources.connection.execute(f"SELECT * FROM odre.{GAS.table}").description
    assert [column[0] for column in described] == [*GAS.column_names, "mois"]
    assert sources.connection.execute("SELECT count(*) FROM lac.revisions").fetchone() == (0,)


def test_only_the_source_whose_files_have_moved_is_renewed(sources: Sources) -> None:
    sources.show()
    before = sources.made()
    sources.store("2026-01", 1.0)
    sources.store("2026-02", 2.0)
    sources.show()
    after = sources.made()
    assert {name for name in after if after[name] != before[name]} == {GAS.table}
    assert sources.stocks() == [("2026-01", 1.0), ("2026-02", 2.0)]


def test_a_part_that_no_index_names_is_not_read(sources: Sources) -> None:
    sources.store("2026-01", 1.0)
    sources.show()
    part = ParquetLake(sources.ctx.paths).file(GAS, "2026-01")
    part.with_name("part-ffffffffffffffff.parquet").write_bytes(part.read_bytes())
    sources.show()
    assert sources.stocks() == [("2026-01", 1.0)]


def test_no_view_holds_the_path_of_the_lake(sources: Sources) -> None:
    sources.show()
    views = sources.connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()
    assert len(views) == 2 + 4
    assert not [text for (text,) in views if str(sources.ctx.paths.root) in text]


def test_a_missing_part_is_an_error_that_names_it_and_what_to_delete(sources: Sources) -> None:
    sources.store("2026-01", 1.0)
    part = sources.ctx.parquet.file(GAS, "2026-01")
    part.unlink()
    with pytest.raises(LakeError, match=re.escape(part.name)) as raised:
        sources.show()
    assert str(sources.ctx.parquet.folder(GAS)) in raised.value.advice
    sources.store("2026-01", 3.0)
    sources.show()
    assert sources.stocks() == [("2026-01", 3.0)]
