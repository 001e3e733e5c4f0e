"""Replies of weather portals in files: cut, dated and read as their clients read them."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.portals.partition_filters import PARIS
from tests.portals.folder.support import FolderLake
from tests.portals.keyed_replies import step, weather
from tests.portals.previous_runs_replies import runs
from tests.portals.stations import Station, file_of
from tests.portals.test_open_meteo_archive import hours

FORECAST, ARCHIVE = "previsions-meteo-regions", "archives-meteo-regions"
HISTORY, STATIONS = "historique-previsions-meteo-regions", "observations-horaires-meteo-france"
NOW, GFS = "meteo-actuelle-regions", "previsions-gfs-regions"


def places(first: date, last: date, known_until: datetime | None = None) -> list[dict[str, Any]]:
    return hours(first, last, known_until or datetime(2100, 1, 1, tzinfo=UTC))


def put(lake: FolderLake, portal: str, dataset: str, name: str, content: object) -> None:
    body = json.dumps(content).encode()
    lake.put(name, gzip.compress(body) if name.endswith(".gz") else body, portal=portal, dataset=dataset)


def test_the_newest_forecast_is_kept_under_its_stamp_and_cut_to_its_days(lake: FolderLake) -> None:
    put(lake, "open_meteo", FORECAST, "f_snapshot_20260327T0600Z.json", [])
    put(lake, "open_meteo", FORECAST, "f_snapshot_20260328T0600Z.json.gz", places(date(2026, 3, 20), date(2026, 4, 9)))
    report = lake.refresh(FORECAST)
    assert (report.error, report.rows) == (None, 13 * 240)
    found = lake.rows(
        "min(instant)::VARCHAR, max(instant)::VARCHAR, min(emise_a)::VARCHAR, max(emise_a)::VARCHAR", FORECAST
    )
    assert found == [
        ("2026-03-26 00:00:00+00", "2026-04-04 23:00:00+00", "2026-03-28 06:00:00+00", "2026-03-28 06:00:00+00")
    ]
    assert lake.refresh(FORECAST).outcome == "unchanged"


def test_a_forecast_without_a_stamp_is_in_force_since_it_was_written(lake: FolderLake) -> None:
    put(lake, "open_meteo", FORECAST, "f.json", places(date(2026, 3, 20), date(2026, 4, 9)))
    written = datetime(2026, 3, 28, 6, tzinfo=UTC).timestamp()
    os.utime(lake.data / "open_meteo" / FORECAST / "f.json", (written, written))
    lake.refresh(FORECAST)
    assert lake.rows("DISTINCT emise_a::VARCHAR", FORECAST) == [("2026-03-28 06:00:00+00",)]


def test_hours_in_another_clock_are_brought_to_utc(lake: FolderLake) -> None:
    local = places(date(2026, 3, 20), date(2026, 4, 9))
    for place in local:
        place["utc_offset_seconds"] = 3600
        place["hourly"]["temperature_2m"] = list(range(len(place["hourly"]["time"])))
    put(lake, "open_meteo", FORECAST, "f_snapshot_20260328T0600Z.json", local)
    assert lake.refresh(FORECAST).error is None
    # 2026-03-26 00:00 UTC is 01:00 there, 145 hours after the first.
    assert lake.rows("min(temperature_2m)", FORECAST) == [(145.0,)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (places(date(2026, 3, 20), date(2026, 4, 9))[:12], "no place is near"),
        ([], "no place is near Paris"),
        ([{"latitude": 48.85}], "the reply cannot be read"),
        ({"error": True}, "the reply cannot be read"),
    ],
)
def test_a_reply_that_cannot_be_read_is_refused(lake: FolderLake, content: object, words: str) -> None:
    put(lake, "open_meteo", FORECAST, "f_snapshot_20260328T0600Z.json", content)
    report = lake.refresh(FORECAST)
    assert report.outcome == "failed"
    assert words in str(report.error)


def test_a_file_that_is_no_json_is_named(lake: FolderLake) -> None:
    lake.put("f.json", b"[{", portal="open_meteo", dataset=FORECAST)
    assert "f.json cannot be read" in str(lake.refresh(FORECAST).error)


def test_past_hours_are_loaded_by_month_and_whole_days_only(lake: FolderLake) -> None:
    known = datetime(2023, 2, 2, 12, tzinfo=UTC)
    put(lake, "open_meteo_archive", ARCHIVE, "a.json", places(date(2023, 1, 30), date(2023, 2, 3), known))
    report = lake.refresh(ARCHIVE)
    assert report.error is None
    # The first hour of 30 January in Paris is not in the file; 2 February is not known to its end.
    assert lake.rows("min(instant)::VARCHAR, max(instant)::VARCHAR, count(*)", ARCHIVE) == [
        ("2023-01-30 23:00:00+00", "2023-02-01 22:00:00+00", 2 * 24 * 13)
    ]
    assert [each.partition for each in report.fetched] == ["2023-01", "2023-02"]


def test_the_weather_of_a_portal_that_needs_a_key_is_read_without_one(lake: FolderLake) -> None:
    towns = [weather(latitude, longitude) for _, latitude, longitude in CHIEF_TOWNS.values()]
    put(lake, "openweathermap", NOW, "w_snapshot_20260328T0948Z.json", towns)
    assert lake.refresh(NOW).error is None
    assert lake.rows("count(*), min(temperature), min(emise_a)::VARCHAR", NOW) == [(13, 8.5, "2026-03-28 09:48:00+00")]


def test_infoclimat_is_read_with_the_place_that_its_replies_do_not_tell(lake: FolderLake) -> None:
    first = datetime(2026, 3, 28, 1, tzinfo=PARIS)  # 00:00 UTC
    steps = {f"{first + timedelta(hours=3 * number):%Y-%m-%d %H:%M:%S}": step() for number in range(4)}
    towns = [
        {"request_state": 200, "model_run": "00", **steps, "coord": {"lat": latitude, "lon": longitude}}
        for _, latitude, longitude in CHIEF_TOWNS.values()
    ]
    put(lake, "infoclimat", GFS, "g_snapshot_20260328T0948Z.json", towns)
    assert lake.refresh(GFS).error is None
    assert lake.rows("count(*), min(instant)::VARCHAR", GFS) == [(13 * 4, "2026-03-28 00:00:00+00")]


def test_what_had_been_forecast_is_loaded_by_the_month_in_which_it_was_known(lake: FolderLake) -> None:
    put(lake, "open_meteo_previous_runs", HISTORY, "r.json.gz", runs(date(2024, 1, 29), date(2024, 2, 9)))
    report = lake.refresh(HISTORY)
    assert (report.error, report.changed) == (None, ["2024-01", "2024-02"])
    # Each hour was told once by each of the eight runs.
    found = lake.rows(
        "code_region, (epoch(instant) - epoch(emise_a))::INTEGER // 3600, instant::VARCHAR, temperature_2m", HISTORY
    )
    # Each hour of the twelve days was told eight times.
    hours = Counter(ahead for code, ahead, _, _ in found if code == "94")
    assert hours == {24 * lead - 12: 12 * 24 for lead in range(8)}
    assert {value for _, ahead, hour, value in found if (ahead, hour) == (36, "2024-02-02 03:00:00+00")} == {3.02}
    assert lake.refresh(HISTORY).outcome == "unchanged"


def test_stations_are_read_from_files_under_their_own_names(lake: FolderLake) -> None:
    _, latitude, longitude = CHIEF_TOWNS["94"]
    turn = datetime(2024, 12, 31, 22, tzinfo=UTC)
    old = Station("20004002", latitude, longitude, first=turn, hours=2)
    new = Station("20004002", latitude, longitude, first=turn + timedelta(hours=2))
    for name, body in (
        ("H_20_previous-2020-2024.csv.gz", file_of(old)),
        ("H_20_latest-2025-2026.csv", gzip.decompress(file_of(new))),
        ("H_2B_latest-2025-2026.csv.gz", file_of(new)),
        ("H_descriptif_champs.csv", b"x"),
    ):
        path = lake.put(name, body, portal="meteo_france", dataset=STATIONS)
        os.utime(path, (turn.timestamp() + 4 * 86_400, turn.timestamp() + 4 * 86_400))
    report = lake.refresh(STATIONS)
    assert report.error is None
    (december, *rest) = lake.rows("mois, instant::VARCHAR", STATIONS)
    assert december == ("2024-12", "2024-12-31 22:00:00+00")
    assert (len(rest), {month for month, _ in rest}) == (49, {"2025-01"})
    assert lake.refresh(STATIONS).outcome == "unchanged"


def test_a_station_file_that_is_damaged_is_named(lake: FolderLake) -> None:
    lake.put("H_75_latest-2025-2026.csv.gz", file_of(Station("7", 48.85, 2.35))[:-9], portal="meteo_france")
    report = lake.refresh(STATIONS)
    assert (report.outcome, report.fault) == ("failed", "IncompleteExport")
