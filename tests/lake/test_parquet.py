"""The Parquet of a partition is a pure function of its raw vintages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake, Vintage, schema_of
from dataelec_assets.lake.partition_index import contract_digest, signatures_of
from dataelec_assets.lake.paths import LakePaths

GAS = load_catalog()["stock-quotidien-stockages-gaz"]
REAL_TIME = load_catalog()["eco2mix-national-tr"]
INJECTIONS = load_catalog()["injections-regionales-quotidiennes-consolidees-rpt"]


def gas(tmp_path: Path, name: str, *rows: str) -> Vintage:
    path = tmp_path / f"{name}.csv"
    path.write_text("date;stock_fin_de_journee;source;pits\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return name, lambda: inspect(GAS.id, path)


def real_time(tmp_path: Path, name: str, **consumption: int) -> Vintage:
    """Write a vintage of real time: ``h00=50000`` is the label 00:00 of 2026-03-01."""
    columns = REAL_TIME.column_names
    lines = [";".join(columns)]
    for label, value in consumption.items():
        facts = {
            "nature": "Données temps réel",
            "date": "2026-03-01",
            "heure": f"{label[1:]}:00",
            "date_heure": f"2026-03-01T{label[1:]}:00:00+01:00",
            "consommation": str(value),
        }
        lines.append(";".join(facts.get(column, "") for column in columns))
    path = tmp_path / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name, lambda: inspect(REAL_TIME.id, path)


def part_of(lake: ParquetLake, dataset: Dataset, partition: str) -> Path:
    """Return the newest file of a partition; nothing has written an index."""
    return max(lake.folder(dataset).glob(f"*={partition}/*"), key=lambda part: part.stat().st_mtime_ns)


def content(lake: ParquetLake, dataset: Dataset, partition: str, *columns: str) -> list[tuple[object, ...]]:
    table = pq.read_table(part_of(lake, dataset, partition), partitioning=None, columns=list(columns))
    return [tuple(row.values()) for row in table.to_pylist()]


def test_the_newest_vintage_says_what_a_partition_holds(tmp_path: Path, lake_paths: LakePaths) -> None:
    lake = ParquetLake(lake_paths)
    old = gas(tmp_path, "a", "2019-03-01;1;Storengy;Centre", "2019-03-02;2;Storengy;Centre")
    new = gas(tmp_path, "b", "2019-03-01;9;Storengy;Centre")
    info = lake.build(connect().cursor, GAS, "2019-03", [old, new], None)
    assert content(lake, GAS, "2019-03", "stock_fin_de_journee") == [(9.0,)]
    assert (info.rows, info.first, info.last) == (1, "2019-03-01", "2019-03-01")


def test_real_time_rows_that_vanish_stay_and_revised_ones_are_replaced(tmp_path: Path, lake_paths: LakePaths) -> None:
    lake = ParquetLake(lake_paths)
    vintages = [
        real_time(tmp_path, "a", h00=1, h01=2),
        real_time(tmp_path, "b", h01=3, h02=4),
        real_time(tmp_path, "c", h02=5),
    ]
    lake.build(connect().cursor, REAL_TIME, "2026-03", vintages, None)
    assert content(lake, REAL_TIME, "2026-03", "heure", "consommation") == [
        ("00:00", 1.0),
        ("01:00", 3.0),
        ("02:00", 5.0),
    ]


def test_adding_vintages_one_by_one_gives_the_bytes_of_building_from_all(tmp_path: Path) -> None:
    vintages = [
        real_time(tmp_path, "a", h00=1, h01=2),
        real_time(tmp_path, "b", h01=3),
        real_time(tmp_path, "c", h05=7, h01=2),
    ]
    step_by_step, at_once = (ParquetLake(LakePaths(tmp_path / name)) for name in ("steps", "once"))
    known = None
    for count in (1, 2, 3):
        known = step_by_step.build(connect().cursor, REAL_TIME, "2026-03", vintages[:count], known)
    assert known == at_once.build(connect().cursor, REAL_TIME, "2026-03", vintages, None)
    files = [part_of(lake, REAL_TIME, "2026-03").read_bytes() for lake in (step_by_step, at_once)]
    assert files[0] == files[1]


def test_a_long_history_of_vintages_gives_the_bytes_of_adding_them_one_by_one(tmp_path: Path) -> None:
    # More than are held in memory together; each key is last seen in another of them.
    vintages = [real_time(tmp_path, f"v{number:02d}", h23=number, **{f"h{number:02d}": number}) for number in range(20)]
    step_by_step, at_once = (ParquetLake(LakePaths(tmp_path / name)) for name in ("steps", "once"))
    known = None
    for count in range(1, len(vintages) + 1):
        known = step_by_step.build(connect().cursor, REAL_TIME, "2026-03", vintages[:count], known)
    assert known == at_once.build(connect().cursor, REAL_TIME, "2026-03", vintages, None)
    files = [part_of(lake, REAL_TIME, "2026-03").read_bytes() for lake in (step_by_step, at_once)]
    assert files[0] == files[1]
    assert content(at_once, REAL_TIME, "2026-03", "consommation") == [
        *((float(value),) for value in range(20)),
        (19.0,),
    ]


def test_only_the_vintages_that_are_not_in_the_file_are_read_again(tmp_path: Path, lake_paths: LakePaths) -> None:
    lake = ParquetLake(lake_paths)
    first, second = real_time(tmp_path, "a", h00=1), real_time(tmp_path, "b", h01=2)
    known = lake.build(connect().cursor, REAL_TIME, "2026-03", [first], None)
    (tmp_path / "a.csv").unlink()
    lake.build(connect().cursor, REAL_TIME, "2026-03", [first, second], known)
    assert content(lake, REAL_TIME, "2026-03", "consommation") == [(1.0,), (2.0,)]


def test_the_order_of_the_published_rows_does_not_change_the_bytes(tmp_path: Path) -> None:
    rows = [f"2019-03-{day:02d};{day};Storengy;Centre" for day in range(1, 29)]
    lakes = [ParquetLake(LakePaths(tmp_path / name)) for name in ("up", "down")]
    for lake, order in zip(lakes, (rows, rows[::-1]), strict=True):
        lake.build(connect().cursor, GAS, "2019-03", [gas(tmp_path, lake.paths.root.name, *order)], None)
    first, second = (part_of(lake, GAS, "2019-03").read_bytes() for lake in lakes)
    assert first == second


def test_rows_without_a_key_are_all_kept(tmp_path: Path, lake_paths: LakePaths) -> None:
    path = tmp_path / "injections.csv"
    row = "2019-03-01;11;Île-de-France;Solaire;5"
    path.write_text(f"date;code_insee_region;region;filiere;energie_journaliere_mwh\n{row}\n{row}\n", encoding="utf-8")
    lake = ParquetLake(lake_paths)
    lake.build(connect().cursor, INJECTIONS, "2019-03", [("a", lambda: inspect(INJECTIONS.id, path))], None)
    assert content(lake, INJECTIONS, "2019-03", "energie_journaliere_mwh") == [(5.0,), (5.0,)]


def test_the_newest_measured_value_ignores_future_rows_without_a_measure(tmp_path: Path, lake_paths: LakePaths) -> None:
    vintage, path = real_time(tmp_path, "a", h00=1, h01=2), tmp_path / "a.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(";2;", ";;"), encoding="utf-8")
    info = ParquetLake(lake_paths).build(connect().cursor, REAL_TIME, "2026-03", [vintage], None)
    assert info.last == "2026-03-01T00:00:00+00:00"
    assert info.last_measured == "2026-02-28T23:00:00+00:00"


def test_a_data_set_without_data_reads_as_an_empty_typed_table(lake_paths: LakePaths) -> None:
    lake = ParquetLake(lake_paths)
    lake.ensure_readable(GAS)
    query = f"SELECT count(*), any_value(stock_fin_de_journee) FROM '{lake.folder(GAS)}/*/*.parquet'"
    assert connect().execute(query).fetchone() == (0, None)
    assert pq.read_schema(lake.empty_part(GAS)).equals(schema_of(GAS), check_metadata=True)


def test_units_travel_with_the_file(lake_paths: LakePaths) -> None:
    lake = ParquetLake(lake_paths)
    lake.ensure_readable(GAS)
    field = pq.read_schema(lake.empty_part(GAS)).field("stock_fin_de_journee")
    assert field.metadata[b"unit"].decode() == "GWh PCS 0 °C"


@pytest.mark.parametrize(("dataset", "depends_on_history"), [(GAS, False), (REAL_TIME, True)])
def test_a_signature_depends_on_history_only_where_rows_are_kept(dataset: Dataset, *, depends_on_history: bool) -> None:
    assert (signatures_of(dataset, ["a", "b"])[-1] != signatures_of(dataset, ["b"])[-1]) is depends_on_history
    assert signatures_of(dataset, ["a"]) != signatures_of(dataset, ["b"])


def test_two_contracts_never_share_a_signature() -> None:
    # Data sets of one shape are one contract: indicators at seven grains, and two that RTE publishes as ODRÉ does.
    contracts: dict[object, str] = {}
    for each in load_catalog().values():
        shape = (
            each.columns,
            each.key,
            each.keep_vanished,
            each.partitioning.grain,
            each.summed,
            each.years_in_columns,
        )
        assert contracts.setdefault(shape, contract_digest(each)) == contract_digest(each)
    assert len(set(contracts.values())) == len(contracts) >= len(load_catalog()) - 8


@pytest.mark.parametrize(
    "change",
    [
        {"name": "origine"},
        {"type": "text"},
        {"unit": "GW"},
        {"description": "Autre chose"},
        {"null_markers": ("NC",)},
        {"width": 3},
        {"labels": ("Origine",)},
    ],
)
def test_every_attribute_of_a_column_that_shapes_the_copy_changes_the_signature(change: dict[str, Any]) -> None:
    columns = tuple(replace(each, **change) if each.name == "prevision_j1" else each for each in REAL_TIME.columns)
    assert contract_digest(replace(REAL_TIME, columns=columns)) != contract_digest(REAL_TIME)


@pytest.mark.parametrize("rows", [0, 1, 4, 5, 8, 9])
def test_a_copy_written_in_parts_has_the_bytes_of_one_written_at_once(
    rows: int, tmp_path: Path, lake_paths: LakePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of a large partition are never all in memory, and its bytes do not tell."""
    monkeypatch.setattr("dataelec_assets.lake.parquet._ROW_GROUP", 4)
    lake = ParquetLake(lake_paths)
    lake.build(
        connect().cursor,
        GAS,
        "2019-03",
        [gas(tmp_path, "a", *(f"2019-03-0{day + 1};1;S;C" for day in range(rows)))],
        None,
    )
    written = part_of(lake, GAS, "2019-03")
    whole = pq.read_table(written, partitioning=None).cast(schema_of(GAS))
    assert whole.num_rows == rows
    options: dict[str, Any] = {"compression": "zstd", "use_dictionary": ["source", "pits"]}  # its texts
    pq.write_table(whole.combine_chunks(), tmp_path / "whole.parquet", row_group_size=4, **options)
    assert written.read_bytes() == (tmp_path / "whole.parquet").read_bytes()
