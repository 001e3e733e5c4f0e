"""Other programs read the tables, as they are and as an older publication had them: Polars, and DuckDB 1.5."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.beyond.iceberg.conftest import MONTHLY, Lake, half_hours

pytestmark = pytest.mark.beyond

# DuckDB 1.5 with its extensions: `make beyond` installs it beside the environment, which has DuckDB 2.0.
DUCKDB = Path(os.environ.get("DUCKDB_ICEBERG", f"{sys.prefix}/duckdb-iceberg"))

ASKED = """
import duckdb, json, sys
from pathlib import Path
connection = duckdb.connect()
for name in ("avro", "httpfs", "iceberg"):
    (file,) = Path(sys.argv[1]).glob(f"duckdb_extension_{name}/extensions/*/*.duckdb_extension")
    connection.execute(f"LOAD '{file}'")
print(json.dumps([connection.execute(query).fetchall() for query in sys.argv[2:]]))
"""


@pytest.fixture
def twice(lake: Lake) -> Lake:
    """Return a lake whose second publication has another February, and one column more."""
    lake.register()
    lake.publish(
        f"UPDATE {MONTHLY} SET consommation_electricite_mw = 222 WHERE mois = '2024-02'",
        f"ALTER TABLE {MONTHLY} ADD COLUMN autre INTEGER DEFAULT 5",
        half_hours("2024-03", 300),
        m2024_02=2.5,
    )
    lake.register()
    return lake


def first_snapshot(table: Any) -> int:
    return int(table.snapshot_by_name(f"publication-{1:016x}").snapshot_id)


def test_polars_reads_both_publications(twice: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    import polars as pl

    monkeypatch.setenv("POLARS_ICEBERG_PLANNER", "pyiceberg")
    table, copies = twice.table(f"publication.{MONTHLY}"), twice.table("copies.consommation_quotidienne_brute")

    def read(source: Any, columns: list[str], snapshot: int | None = None) -> list[tuple[Any, ...]]:
        rows = pl.scan_iceberg(source, snapshot_id=snapshot).select(columns).unique().sort(columns).collect().rows()
        return [*rows]

    power = ["mois", "consommation_electricite_mw"]
    assert read(table, power) == [("2024-01", 100), ("2024-02", 222), ("2024-03", 300)]
    assert read(table, power, first_snapshot(table)) == [("2024-01", 100), ("2024-02", 200)]
    # The month is not in the files of copies.
    brute = ["mois", "consommation_brute_electricite_rte"]
    assert read(copies, brute) == [("2024-01", 1.0), ("2024-02", 2.5)]
    assert read(copies, brute, first_snapshot(copies)) == [("2024-01", 1.0), ("2024-02", 2.0)]


def test_duckdb_reads_both_publications_from_the_folder_alone(twice: Lake) -> None:
    if not DUCKDB.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{DUCKDB} is missing: `make beyond` installs it")
        pytest.skip("needs DuckDB 1.5 with its extensions, from `make beyond`")
    folder = twice.ctx.paths.root / "iceberg"
    fact, copies = folder / "publication" / MONTHLY, folder / "copies" / "consommation_quotidienne_brute"
    table = twice.table(f"publication.{MONTHLY}")
    power = "SELECT DISTINCT mois, consommation_electricite_mw FROM iceberg_scan('{}'{}) ORDER BY ALL"
    brute = "SELECT mois, sum(consommation_brute_electricite_rte) FROM iceberg_scan('{}') GROUP BY 1 ORDER BY 1"
    queries = [
        power.format(fact, ""),
        power.format(fact, f", snapshot_from_id = {first_snapshot(table)}"),
        f"SELECT sum(autre) FROM iceberg_scan('{fact}')",
        brute.format(copies),
        f"SELECT count(*) FROM iceberg_scan('{copies}') WHERE mois = '2024-02'",
        f"SELECT count(*) FROM iceberg_scan('{folder}/publication/dim_departement')",
    ]
    done = subprocess.run(
        [sys.executable, "-c", ASKED, str(DUCKDB), *queries],
        env={**os.environ, "PYTHONPATH": str(DUCKDB)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        [["2024-01", 100], ["2024-02", 222], ["2024-03", 300]],
        [["2024-01", 100], ["2024-02", 200]],
        [[15]],
        [["2024-01", 28.0], ["2024-02", 70.0]],
        [[28]],
        [[0]],
    ]
