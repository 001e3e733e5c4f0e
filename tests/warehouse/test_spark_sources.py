"""Spark reads the files that the lake's indexes name, one by one, with their partition as a column."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.spark_sources import show_sources_on_spark
from tests.dbt.consumption import GAS_STOCK, stock_day
from tests.dbt.lakes import TinyLake


@pytest.fixture
def tiny_lake(tmp_path: Path) -> TinyLake:
    """Return an empty lake, with every data set readable."""
    return TinyLake.empty(tmp_path / "lake")


class Session:
    """Keeps the statements that it is given."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def sql(self, statement: str) -> None:
        self.statements.append(statement)


def views(paths: LakePaths) -> dict[str, str]:
    """Return what each view reads, by its name."""
    session: Any = Session()
    show_sources_on_spark(session, paths, load_catalog().values())
    assert "create schema if not exists odre" in session.statements
    created = [each.removeprefix("create or replace view ") for each in session.statements if " view " in each]
    return dict(each.split(" as select * from ") for each in created)


def test_each_file_is_named_and_partitions_are_those_of_its_folder(tiny_lake: TinyLake) -> None:
    for day in ("2025-12-31", "2026-01-01"):
        tiny_lake.write(GAS_STOCK, stock_day(date.fromisoformat(day)))
    base = (tiny_lake.paths.parquet / "stock_quotidien_stockages_gaz").resolve()
    december, january = sorted(each.relative_to(base).as_posix() for each in base.glob("mois=2*/*.parquet"))
    assert views(tiny_lake.paths)["odre.stock_quotidien_stockages_gaz"] == (
        f"parquet.`{base}/{{{december},{january}}}` with (basePath = '{base}')"
    )


def test_the_empty_partition_is_read_only_where_there_is_no_other(tiny_lake: TinyLake) -> None:
    def read() -> str:
        return views(tiny_lake.paths)["odre.stock_quotidien_stockages_gaz"]

    assert "mois=vide/" in read()
    assert read().endswith(" where false")
    tiny_lake.write(GAS_STOCK, stock_day(date(2026, 1, 1)))
    assert "vide" not in read()
    assert not read().endswith(" where false")


def test_what_comes_from_no_portal_is_shown_too(tiny_lake: TinyLake) -> None:
    found = views(tiny_lake.paths)
    assert {"lac.jours_feries", "lac.vacances_scolaires", "lac.quarantaine", "lac.revisions"} <= found.keys()
