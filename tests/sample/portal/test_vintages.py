"""Successive states of a portal, replayed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.sample.portal import RunningPortal, serve
from tests.sample.portal.conftest import Get, getter, regional_rows, v1_records, write_data

TEMPERATURE = "temperature-quotidienne-regionale"
NATIONAL = "eco2mix-national-tr"
REGIONAL = "eco2mix-regional-tr"


def temperature(folder: Path, vintage: str, *rows: str) -> None:
    target = folder / "odre" / TEMPERATURE
    target.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["date;code_insee_region;region;tmin;tmax;tmoy", *rows])
    (target / f"{TEMPERATURE}_vintage-{vintage}.csv").write_text(text + "\n", "utf-8")


def values(get: Get) -> dict[str, float]:
    reply = get(f"/{TEMPERATURE}/records", order_by="date")
    return {row["date"]: row["tmoy"] for row in reply.json()["results"]}


@pytest.fixture
def vintages(tmp_path: Path) -> Path:
    temperature(tmp_path, "2019-10", "2019-10-01;84;A;0;2;1", "2019-10-02;84;A;0;4;2")
    temperature(tmp_path, "2019-11", "2019-10-02;84;A;0;6;3", "2019-11-01;84;A;0;8;4")
    return tmp_path


def test_key_by_key_the_newest_file_that_has_the_row_wins(vintages: Path) -> None:
    with serve(vintages) as portal:
        assert values(getter(portal)) == {"2019-10-01": 1.0, "2019-10-02": 3.0, "2019-11-01": 4.0}


def test_a_vintage_hides_what_came_later(vintages: Path) -> None:
    with serve(vintages, vintage="2019-10") as portal:
        get = getter(portal)
        assert values(get) == {"2019-10-01": 1.0, "2019-10-02": 2.0}
        assert get(f"/{TEMPERATURE}").json()["metas"]["default"]["data_processed"] == "2019-11-01T00:00:00+00:00"


def test_a_dataset_is_not_found_before_its_first_file(vintages: Path) -> None:
    with serve(vintages, vintage="2019-09") as portal:
        get = getter(portal)
        assert get(f"/{TEMPERATURE}").status_code == 404
        assert get("").json() == {"total_count": 0, "results": []}


def test_control_steps_through_the_vintages(vintages: Path) -> None:
    with serve(vintages, vintage="2019-10") as portal:
        get = getter(portal)
        assert portal.control()["stamps"] == ["2019-11-01T00:00:00+00:00", "2019-12-01T00:00:00+00:00"]
        before = get(f"/{TEMPERATURE}").json()["metas"]["default"]
        assert portal.control("vintage", {"step": 1}) == {"current": "2019-12-01T00:00:00+00:00"}
        after = get(f"/{TEMPERATURE}").json()["metas"]["default"]
        assert after["data_processed"] > before["data_processed"]
        assert (before["records_count"], after["records_count"]) == (2, 3)
        assert portal.control("vintage", {"step": 5}) == {"current": "2019-12-01T00:00:00+00:00"}
        assert portal.control("vintage", {"stamp": "2019-10"})["current"] == "2019-11-01T00:00:00+00:00"
        assert len(values(get)) == 2
        assert portal.control("vintage", {"stamp": None}) == {"current": None}
        assert len(values(get)) == 3
        assert portal.control("vintage", {"step": -1})["current"] == "2019-11-01T00:00:00+00:00"


def test_a_step_leaves_alone_the_datasets_that_got_no_file(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    before = get("/mesures").content, get("/mesures/exports/csv").content
    own_portal.control("vintage", {"stamp": "2024-12"})
    assert (get("/mesures").content, get("/mesures/exports/csv").content) == before


def test_the_months_of_a_history_add_up_and_unchanged_months_keep_their_bytes(own_portal: RunningPortal) -> None:
    dataset = "consommation-quotidienne-brute-regionale"
    get = getter(own_portal)
    january = "date_heure >= '2017-12-31T23:00:00+00:00' and date_heure < '2018-01-31T23:00:00+00:00'"
    assert get(f"/{dataset}/records", limit=0).json()["total_count"] == 384
    both = get(f"/{dataset}/exports/csv", where=january).content
    own_portal.control("vintage", {"stamp": "2018-01"})
    assert get(f"/{dataset}/records", limit=0).json()["total_count"] == 192
    assert get(f"/{dataset}/exports/csv", where=january).content == both


def test_edits_survive_a_step(tmp_path: Path) -> None:
    write_data(tmp_path)
    dataset = "consommation-quotidienne-brute-regionale"
    with serve(tmp_path, vintage="2018-01") as portal:
        get = getter(portal)
        portal.control("rows", {"dataset": dataset, "where": "code_insee_region = '11'", "delete": True})
        assert get(f"/{dataset}/records", limit=0).json()["total_count"] == 96
        portal.control("vintage", {"step": 1})
        assert get(f"/{dataset}/records", limit=0).json()["total_count"] == 192


def test_without_a_key_a_vintage_replaces_all_while_parts_add_up(tmp_path: Path) -> None:
    folder = tmp_path / "odre" / "injections-regionales-quotidiennes-consolidees-rpt"
    folder.mkdir(parents=True)
    header = "date;code_insee_region;filiere;energie_journaliere_mwh\n"
    row = "{year}-01-01;84;Eolien;10\n"
    for year in ("2019", "2020"):
        (folder / f"injections_{year}.csv").write_text(header + row.format(year=year) * 2, "utf-8")
    with serve(tmp_path) as portal:
        assert getter(portal)(f"/{folder.name}/records", limit=0).json()["total_count"] == 4
    for vintage, rows in (("2021-06", 3), ("2021-07", 5)):
        (folder / f"injections_vintage-{vintage}.csv").write_text(header + row.format(year="2021") * rows, "utf-8")
        with serve(tmp_path) as portal:
            assert getter(portal)(f"/{folder.name}/records", limit=0).json()["total_count"] == rows


def test_a_published_file_keeps_its_repeated_keys(tmp_path: Path) -> None:
    dataset = "consommation-quotidienne-brute-regionale"
    folder = tmp_path / "odre" / dataset
    folder.mkdir(parents=True)
    rows = regional_rows("2018-01", days=1)
    (folder / f"{dataset}_2018-01.json.gz").write_bytes(v1_records(dataset, [*rows, rows[0]]))
    with serve(tmp_path) as portal:
        assert getter(portal)(f"/{dataset}/records", limit=0).json()["total_count"] == 97


def test_rows_repeated_by_the_paging_of_a_collecting_script_count_once(tmp_path: Path) -> None:
    folder = tmp_path / "odre" / REGIONAL
    folder.mkdir(parents=True)
    row = {"code_insee_region": "84", "date_heure": "2026-03-28T00:00:00+00:00", "consommation": 5, "pompage": "0"}
    (folder / f"{REGIONAL}_snapshot_20260328T1835Z.json").write_text(json.dumps([row, row]), "utf-8")
    with serve(tmp_path) as portal:
        (served,) = getter(portal)(f"/{REGIONAL}/records").json()["results"]
    assert (served["date"], served["heure"], served["nature"]) == ("2026-03-28", "01:00", "Données temps réel")


def spring_rows(get: Get, dataset: str) -> list[dict[str, Any]]:
    hours = "date_heure >= '2026-03-29T01:00:00+00:00' and date_heure < '2026-03-29T02:00:00+00:00'"
    rows: list[dict[str, Any]] = get(f"/{dataset}/exports/json", where=hours).json()
    return rows


@pytest.mark.real
def test_the_labels_of_the_spring_switch_are_unique_nationally(real_portal: RunningPortal) -> None:
    get = getter(real_portal)
    rows = {row["heure"]: row for row in spring_rows(get, NATIONAL)}
    assert sorted(rows) == ["02:00", "02:15", "02:30", "02:45", "03:00", "03:15", "03:30", "03:45"]
    before = get(f"/{NATIONAL}/records", where="date = '2026-03-29' and heure in ('01:00','01:15','01:30','01:45')")
    for row in before.json()["results"]:
        fictitious = rows[row["heure"].replace("01:", "02:")]
        assert fictitious["date"] == "2026-03-29"
        assert fictitious["consommation"] == row["consommation"]
        assert rows[row["heure"].replace("01:", "03:")]["consommation"] != row["consommation"]


@pytest.mark.real
def test_the_labels_of_the_spring_switch_are_unique_in_every_region(real_portal: RunningPortal) -> None:
    get = getter(real_portal)
    rows = spring_rows(get, REGIONAL)
    assert len(rows) == 12 * 8
    labels = Counter((row["code_insee_region"], row["heure"]) for row in rows)
    assert set(labels.values()) == {1}
    before = {
        (row["code_insee_region"], row["heure"]): row["consommation"]
        for row in get(f"/{REGIONAL}/exports/json", where="date = '2026-03-29'").json()
        if row["heure"] < "02:00"
    }
    for row in rows:
        if row["heure"].startswith("02:"):
            same = before[row["code_insee_region"], row["heure"].replace("02:", "01:")]
            assert row["consommation"] == same


@pytest.mark.real
@pytest.mark.parametrize("dataset", [NATIONAL, REGIONAL])
def test_keys_are_unique_in_every_state_of_the_spring_switch(real_data: Path, dataset: str) -> None:
    with serve(real_data, vintage="2026-03-28T18:35Z") as portal:
        get = getter(portal)
        blank = spring_rows(get, dataset)
        if dataset == NATIONAL:
            assert [row["consommation"] for row in blank] == [None] * 8
        for _ in range(6):
            rows = get(f"/{dataset}/exports/json", select="include(code*), date, heure").json()
            assert len(rows) == len({tuple(row.values()) for row in rows}) > 2_000
            portal.control("vintage", {"step": 1})


@pytest.mark.real
def test_a_revision_of_real_time_data_is_replayed(real_data: Path) -> None:
    where = "date_heure = '2026-05-20T13:15:00+00:00'"

    def consumption(portal: RunningPortal) -> int:
        (row,) = getter(portal)(f"/{NATIONAL}/records", where=where).json()["results"]
        return int(row["consommation"])

    with serve(real_data, vintage="2026-05-22T08:55Z") as portal:
        assert consumption(portal) == 24_309
        assert portal.control("vintage", {"step": 1})["current"] == "2026-05-22T14:30:00+00:00"
        assert consumption(portal) == 47_192


@pytest.mark.real
def test_two_vintages_of_temperatures_are_merged_key_by_key(real_portal: RunningPortal, real_data: Path) -> None:
    assert getter(real_portal)(f"/{TEMPERATURE}").json()["metas"]["default"]["records_count"] == 46_332
    with serve(real_data, vintage="2019-10") as portal:
        assert getter(portal)(f"/{TEMPERATURE}").json()["metas"]["default"]["records_count"] == 18_044


@pytest.mark.real
def test_the_published_files_are_all_there_as_published(real_portal: RunningPortal) -> None:
    get = getter(real_portal)
    dataset = "consommation-quotidienne-brute-regionale"
    assert get(f"/{dataset}").json()["metas"]["default"]["records_count"] == 507_456
    march = "date_heure >= '2018-02-28T23:00:00+00:00' and date_heure < '2018-03-31T22:00:00+00:00'"
    assert get(f"/{dataset}/records", where=march, limit=0).json()["total_count"] == 17_856
    swapped = get(f"/{dataset}/records", where="date_heure = '2018-03-02T00:00:00+01:00'", limit=1).json()["results"]
    assert swapped[0]["date"] == "2018-02-03"
    national = "consommation-quotidienne-brute"
    (row,) = get(f"/{national}/records", where="date_heure = '2019-12-31T23:00:00+00:00'").json()["results"]
    assert (row["date"], row["heure"]) == ("01/01/2020", "00:00")
    assert get(f"/{national}").json()["metas"]["default"]["records_count"] == 70_128


@pytest.mark.real
def test_snapshots_of_charging_points_replace_each_other(real_data: Path) -> None:
    dataset = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"
    path = f"/paris/api/explore/v2.1/catalog/datasets/{dataset}"
    with serve(real_data, vintage="2022-12") as portal:
        assert portal.client.get(f"{portal.url}{path}").json()["metas"]["default"]["records_count"] == 2_084
        portal.control("vintage", {"stamp": "2023-01-30T08:59Z"})
        body = portal.client.get(f"{portal.url}{path}").json()
    assert body["metas"]["default"]["records_count"] == 2_097
    assert body["metas"]["default"]["data_processed"] == "2023-01-30T08:59:00+00:00"
    assert {field["name"]: field["type"] for field in body["fields"]}["coordonneesxy"] == "geo_point_2d"
