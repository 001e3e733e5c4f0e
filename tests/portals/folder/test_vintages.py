"""A folder as it stood at an instant: which of several files are seen, and which rows they make together."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.errors import DatasetAbsent
from dataelec_assets.portals.folder.client import FolderPortal
from tests.portals.folder.support import TEMPERATURES, days
from tests.portals.folder.written import regional_rows, v1_records
from tests.portals.support import plain

CATALOG = load_catalog()
GROSS = "consommation-quotidienne-brute-regionale"
NATIONAL, REGIONAL = "eco2mix-national-tr", "eco2mix-regional-tr"

Rows = list[dict[str, str]]


def shown(folder: Path, scratch: Path, dataset_id: str, at: datetime | None = None) -> Rows:
    """Return the rows of a data set that a folder shows at an instant; None: now."""
    dataset = CATALOG[dataset_id]
    rows: Rows = []
    with FolderPortal(folder, scratch / "memory", scratch / "spill", at) as client:
        metadata = client.metadata(dataset)
        for partition in client.survey(dataset, metadata).partitions:
            client.fetch(dataset, partition, scratch / "part", lambda _: None)
            rows += csv.DictReader(io.StringIO(plain(scratch / "part").decode()), delimiter=";")
    assert len(rows) == metadata.records_count
    return rows


def write(folder: Path, dataset_id: str, name: str, content: str | bytes) -> None:
    path = folder / CATALOG[dataset_id].portal / dataset_id / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def after(month: str) -> datetime:
    """Return the last instant of a month of 28 days or more that matters here: its end."""
    year, number = map(int, month.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def test_a_vintage_hides_what_came_later(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data, TEMPERATURES, "t_vintage-2019-10.csv", days("2019-10-01 84 1", "2019-10-02 84 2"))
    write(data, TEMPERATURES, "t_vintage-2019-11.csv", days("2019-10-01 84 1", "2019-10-02 84 3", "2019-11-01 84 4"))
    means = {row["date"]: float(row["tmoy"]) for row in shown(data, tmp_path, TEMPERATURES)}
    assert means == {"2019-10-01": 1, "2019-10-02": 3, "2019-11-01": 4}
    before = {row["date"]: float(row["tmoy"]) for row in shown(data, tmp_path, TEMPERATURES, after("2019-10"))}
    assert before == {"2019-10-01": 1, "2019-10-02": 2}
    with pytest.raises(DatasetAbsent):
        shown(data, tmp_path, TEMPERATURES, after("2019-09"))


def test_the_months_of_a_history_add_up_and_unchanged_months_keep_their_bytes(tmp_path: Path) -> None:
    data, dataset, january = tmp_path / "data", CATALOG[GROSS], []
    for month in ("2018-01", "2018-02"):
        write(data, GROSS, f"{GROSS}_{month}.json.gz", v1_records(GROSS, regional_rows(month)))
        with FolderPortal(data, tmp_path / "memory", tmp_path / "spill") as client:
            january.append(client.fetch(dataset, "2018-01", tmp_path / "part", lambda _: None).sha256)
    assert len(shown(data, tmp_path, GROSS)) == 384
    assert january[0] == january[1]


def test_without_a_key_a_vintage_replaces_everything_while_parts_add_up(tmp_path: Path) -> None:
    data, dataset = tmp_path / "data", "injections-regionales-quotidiennes-consolidees-rpt"
    header, row = "date;code_insee_region;filiere;energie_journaliere_mwh\n", "{year}-01-01;84;Eolien;10\n"
    for year in ("2019", "2020"):
        write(data, dataset, f"injections_{year}.csv", header + row.format(year=year) * 2)
    assert len(shown(data, tmp_path, dataset)) == 4
    for vintage, rows in (("2021-06", 3), ("2021-07", 5)):
        write(data, dataset, f"injections_vintage-{vintage}.csv", header + row.format(year="2021") * rows)
        assert len(shown(data, tmp_path, dataset)) == rows


def test_a_published_file_keeps_its_repeated_keys(tmp_path: Path) -> None:
    rows = regional_rows("2018-01", days=1)
    write(tmp_path / "data", GROSS, f"{GROSS}_2018-01.json.gz", v1_records(GROSS, [*rows, rows[0]]))
    assert len(shown(tmp_path / "data", tmp_path, GROSS)) == 97


def test_rows_repeated_by_the_paging_of_a_collecting_script_count_once(tmp_path: Path) -> None:
    row = {"code_insee_region": "84", "date_heure": "2026-03-28T00:00:00+00:00", "consommation": 5, "pompage": "0"}
    write(tmp_path / "data", REGIONAL, f"{REGIONAL}_snapshot_20260328T1835Z.json", json.dumps([row, row]))
    (found,) = shown(tmp_path / "data", tmp_path, REGIONAL)
    assert (found["date"], found["heure"], found["nature"]) == ("2026-03-28", "01:00", "Données temps réel")


def spring(rows: Rows) -> Rows:
    """Return the rows of the hour of the spring change of clocks."""
    return [row for row in rows if row["date_heure"].startswith("2026-03-29T01:")]


@pytest.mark.real
def test_the_labels_of_the_spring_switch_are_unique_nationally(real_data: Path, tmp_path: Path) -> None:
    found = shown(real_data, tmp_path, NATIONAL)
    labels = {row["heure"]: row for row in spring(found)}
    assert sorted(labels) == ["02:00", "02:15", "02:30", "02:45", "03:00", "03:15", "03:30", "03:45"]
    before = [row for row in found if row["date"] == "2026-03-29" and row["heure"].startswith("01:")]
    assert len(before) == 4
    for row in before:
        fictitious = labels[row["heure"].replace("01:", "02:")]
        assert (fictitious["date"], fictitious["consommation"]) == ("2026-03-29", row["consommation"])
        assert labels[row["heure"].replace("01:", "03:")]["consommation"] != row["consommation"]


@pytest.mark.real
def test_the_labels_of_the_spring_switch_are_unique_in_every_region(real_data: Path, tmp_path: Path) -> None:
    found = shown(real_data, tmp_path, REGIONAL)
    rows = spring(found)
    assert len(rows) == 12 * 8
    assert set(Counter((row["code_insee_region"], row["heure"]) for row in rows).values()) == {1}
    night = {
        (row["code_insee_region"], row["heure"]): row["consommation"]
        for row in found
        if row["date"] == "2026-03-29" and row["heure"] < "02:00"
    }
    for row in rows:
        if row["heure"].startswith("02:"):
            assert row["consommation"] == night[row["code_insee_region"], row["heure"].replace("02:", "01:")]


@pytest.mark.real
@pytest.mark.parametrize("dataset_id", [NATIONAL, REGIONAL])
def test_keys_are_unique_in_every_state_of_the_spring_switch(real_data: Path, tmp_path: Path, dataset_id: str) -> None:
    for hour in ("2026-03-28T18:35", "2026-03-29T02:03", "2026-03-29T12:00", "2026-03-30T12:00"):
        rows = shown(real_data, tmp_path, dataset_id, datetime.fromisoformat(f"{hour}+00:00"))
        keys = {(row.get("code_insee_region"), row["date"], row["heure"]) for row in rows}
        assert len(rows) == len(keys) > 2_000
        if (dataset_id, hour) == (NATIONAL, "2026-03-28T18:35"):
            assert [row["consommation"] for row in spring(rows)] == [""] * 8


@pytest.mark.real
def test_a_revision_of_real_time_data_is_replayed(real_data: Path, tmp_path: Path) -> None:
    found = []
    for hour in ("2026-05-22T08:55", "2026-05-22T14:30"):
        rows = shown(real_data, tmp_path, NATIONAL, datetime.fromisoformat(f"{hour}+00:00"))
        found += [float(row["consommation"]) for row in rows if row["date_heure"] == "2026-05-20T13:15:00+00:00"]
    assert found == [24_309, 47_192]


@pytest.mark.real
def test_the_published_files_are_all_there_as_published(real_data: Path, tmp_path: Path) -> None:
    gross = shown(real_data, tmp_path, GROSS)
    assert len(gross) == 507_456
    march = [row for row in gross if "2018-02-28T23" <= row["date_heure"] < "2018-03-31T22"]
    assert len(march) == 17_856
    # Day and month of this file are swapped by its publisher.
    swapped = next(row for row in march if row["date_heure"] == "2018-03-01T23:00:00+00:00")
    assert swapped["date"] == "2018-02-03"
    national = shown(real_data, tmp_path, "consommation-quotidienne-brute")
    assert len(national) == 70_128
    (row,) = [row for row in national if row["date_heure"] == "2019-12-31T23:00:00+00:00"]
    assert (row["date"], row["heure"]) == ("01/01/2020", "00:00")


@pytest.mark.real
def test_two_vintages_of_temperatures_make_one_history(real_data: Path, tmp_path: Path) -> None:
    assert len(shown(real_data, tmp_path, TEMPERATURES)) == 46_332
    assert len(shown(real_data, tmp_path, TEMPERATURES, after("2019-10"))) == 18_044


@pytest.mark.real
def test_snapshots_of_charging_points_replace_each_other(real_data: Path, tmp_path: Path) -> None:
    dataset = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"
    assert len(shown(real_data, tmp_path, dataset, after("2022-12"))) == 2_084
    assert len(shown(real_data, tmp_path, dataset, datetime(2023, 1, 30, 8, 59, tzinfo=UTC))) == 2_097
