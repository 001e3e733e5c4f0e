"""Rows become the same lines whoever prints them, and the same bytes whatever file they come from."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.database import connect
from dataelec_assets.portals.folder import reading, tables
from dataelec_assets.portals.folder.fields import printed, value_of
from dataelec_assets.portals.folder.lines import lines_of
from tests.portals.folder.support import FolderLake
from tests.portals.folder.written import csv_text, regional_rows

REGIONAL = "consommation-quotidienne-brute-regionale"
EXCHANGES = "imports-exports-commerciaux"


def by_duckdb(batch: pa.RecordBatch, folder: Path) -> bytes:
    return reading._lines_by_duckdb(connect, batch, folder / "t.csv.zst")


def number(chance: random.Random) -> float | None:
    kinds: list[Callable[[], float | None]] = [
        lambda: round(chance.uniform(-1e5, 1e5), chance.randint(0, 6)),
        lambda: float(chance.randint(-(10**8), 10**8)),
        lambda: chance.choice([-1, 1]) * 10 ** chance.uniform(-2.99, 8.99),
        lambda: chance.choice([-0.0, 0.0, 0.001, 999_999_999.0]),
        lambda: None,
    ]
    return chance.choice(kinds)()


def test_usual_rows_are_printed_as_duckdb_prints_them(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - the same rows each time
    rows = range(20_000)
    instants = [datetime.fromtimestamp(chance.uniform(0, 4e9), UTC).replace(tzinfo=None) for _ in rows]
    batch = pa.record_batch(
        {
            "texte": [chance.choice(["Île-de-France", "ND", " a ", "à, b", None, "1.0"]) for _ in rows],
            "entier": pa.array([chance.choice([None, 0, -7, 2**53, chance.randint(-(10**12), 10**12)]) for _ in rows]),
            "nombre": pa.array([number(chance) for _ in rows]),
            "sans_valeur": pa.array([None for _ in rows], pa.float64()),
            "jour": [each.date() for each in instants],
            "instant": pa.array(instants, pa.timestamp("us")),
            "fin": pa.array([chance.choice([None, 1.5]) for _ in rows]),
        }
    )
    lines = lines_of(batch)
    assert lines is not None
    assert lines.to_pybytes() == by_duckdb(batch, tmp_path)


@pytest.mark.parametrize(
    "value",
    [
        *("", "a;b", 'dit "a"', "a\nb", "n° #1", "a\r"),
        *(1e9 + 0.5, 1e300, 1e-4, float("nan"), float("inf"), 2**53 + 1),
        date(1969, 12, 31),
        datetime.fromisoformat("1969-12-31T23:59:59.5"),
    ],
)
def test_what_pyarrow_may_print_otherwise_is_left_to_duckdb(value: object) -> None:
    a_moment = datetime.fromisoformat("2025-01-01T00:00")
    usual: dict[type, Any] = {str: "a", float: 1.5, int: 1, date: a_moment.date(), datetime: a_moment}
    assert lines_of(pa.record_batch({"x": [usual[type(value)], None]})) is not None
    assert lines_of(pa.record_batch({"x": [usual[type(value)], value]})) is None


def test_numbers_that_come_typed_are_printed_as_those_that_come_as_text(lake: FolderLake) -> None:
    """Whole ones lose their decimals, others are printed in the shortest form, however large or small."""
    values = [1e300, -1e17, 123456789012345678.0, 1e-7, float("inf"), 2.0**53 + 2, 1.5, -0.0, None, 11.0]
    column = next(each for each in lake.dataset(REGIONAL).columns if each.type == "double")
    with connect() as con:
        con.register("typed", pa.table({column.name: values}))
        con.execute(f"CREATE TABLE texts AS SELECT CAST({column.name} AS VARCHAR) AS {column.name} FROM typed")
        as_text = con.execute(f"SELECT {value_of(lake.dataset(REGIONAL), column)} FROM texts").fetchall()
        assert con.execute(f"SELECT {printed(column.name, 'DOUBLE')} FROM typed").fetchall() == as_text


def parquet_of(lake: FolderLake, rows: list[dict[str, Any]], name: str) -> None:
    """Write rows typed, as the portal's own Parquet exports are."""
    path = lake.put(name, b"", dataset=REGIONAL)
    typed = [{**row, "date_heure": datetime.fromisoformat(row["date_heure"]).astimezone(UTC)} for row in rows]
    pq.write_table(pa.Table.from_pylist(typed), path)


def whole_rows(lake: FolderLake) -> list[dict[str, Any]]:
    """Return rows with every column of the contract."""
    rows = [dict.fromkeys(lake.dataset(REGIONAL).column_names) | row for row in regional_rows("2025-01")]
    rows[3]["consommation_brute_gaz_grtgaz"] = 10.25
    return rows


def digests(lake: FolderLake, dataset_id: str = REGIONAL) -> dict[str, str]:
    """Return the digest of the bytes of each partition of the folder."""
    dataset, target = lake.dataset(dataset_id), lake.data.parent / "t.csv.zst"
    with lake.ctx.client(dataset) as client:
        shown = client.survey(dataset, client.metadata(dataset)).partitions
        return {key: client.fetch(dataset, key, target, lambda _: None).sha256 for key in shown}


def test_a_parquet_file_gives_the_bytes_that_its_csv_gives(lake: FolderLake) -> None:
    rows = whole_rows(lake)
    random.Random(2).shuffle(rows)  # noqa: S311
    with patch.object(tables._Reading, "_type", side_effect=AssertionError("copied")):
        parquet_of(lake, rows, "t.parquet")
        before = digests(lake)
    (lake.data / "odre" / REGIONAL / "t.parquet").unlink()
    lake.put("t.csv", csv_text(rows), dataset=REGIONAL)
    assert digests(lake) == before


def test_a_key_of_whole_numbers_gives_the_bytes_that_its_csv_gives(lake: FolderLake) -> None:
    """Keys are sorted as texts, 10 before 9, however they come."""
    columns = [each.name for each in lake.dataset(EXCHANGES).columns]
    rows = [dict.fromkeys(columns) | {"date": "2020-01-01", "position": each, "fr_gb": 1.5} for each in range(24)]
    pq.write_table(pa.Table.from_pylist(rows), lake.put("t.parquet", b"", dataset=EXCHANGES))
    with patch.object(tables._Reading, "_type", side_effect=AssertionError("copied")):
        before = digests(lake, EXCHANGES)
    (lake.data / "odre" / EXCHANGES / "t.parquet").unlink()
    lake.put("t.csv", csv_text(rows), dataset=EXCHANGES)
    assert digests(lake, EXCHANGES) == before


@pytest.mark.parametrize("at_once", [1, 1 << 16])
def test_rows_that_share_a_key_come_in_one_order(
    at_once: int, lake: FolderLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is exported again in another order has the same bytes, however many rows are looked at together."""
    monkeypatch.setattr("dataelec_assets.portals.folder.rows_file._BATCH", at_once)
    rows = whole_rows(lake)
    rows += [{**row, "consommation_brute_electricite_rte": value} for row in rows[:5] for value in (9, 10)]
    parquet_of(lake, rows, "t.parquet")
    before = digests(lake)
    random.Random(3).shuffle(rows)  # noqa: S311
    parquet_of(lake, rows, "t.parquet")
    assert digests(lake) == before
