"""API v1 (acceptance item 12)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from dataelec_assets.sample.portal import RunningPortal


def search(portal: RunningPortal, path: str = "search/", **parameters: Any) -> httpx.Response:
    url = f"{portal.url}/odre/api/records/1.0/{path}"
    return portal.client.get(url, params={"dataset": "mesures", **parameters})


def test_records_are_wrapped_with_nulls_left_out(portal: RunningPortal) -> None:
    body = search(portal, sort="-rang", rows=1).json()
    assert body["nhits"] == 250
    assert body["parameters"] == {"dataset": "mesures", "rows": 1, "start": 0, "format": "json", "timezone": "UTC"}
    (record,) = body["records"]
    assert record["datasetid"] == "mesures"
    assert len(record["recordid"]) == 40
    assert record["record_timestamp"] == "2024-07-01T00:00:00+00:00"
    assert record["fields"] == {
        "rang": 0,
        "jour": "2024-03-30",
        "instant": "2024-03-30T22:00:00+00:00",
        "code": "00000",
    }


def test_sort_is_descending_unless_a_minus_says_otherwise(portal: RunningPortal) -> None:
    def ranks(sort: str) -> list[int]:
        return [record["fields"]["rang"] for record in search(portal, sort=sort, rows=2, start=1).json()["records"]]

    assert ranks("rang") == [248, 247]
    assert ranks("-rang") == [1, 2]


@pytest.mark.parametrize(
    ("q", "count"),
    [
        ("instant:[2024-03-30T22:15:00Z TO 2024-03-30T22:45:00Z]", 3),
        ("instant >= 2024-03-30T22:15:00Z AND instant < 2024-03-30T22:45:00Z", 2),
        ("#null(nom)", 50),
        ("NOT #null(nom) AND rang < 5", 4),
        ('#exact(nom,"nom 1")', 50),
        ("code:00007", 1),
        ("nom 1", 50),
    ],
)
def test_q_selects(portal: RunningPortal, q: str, count: int) -> None:
    assert search(portal, q=q).json()["nhits"] == count


def test_refine_exclude_fields_and_time_zone_are_understood(portal: RunningPortal) -> None:
    parameters = {"refine.nom": "nom 1", "exclude.code": "00001", "fields": "instant", "timezone": "Europe/Paris"}
    body = search(portal, rows=1, **parameters).json()
    assert body["nhits"] == 49
    assert list(body["records"][0]["fields"]) == ["instant"]
    assert body["records"][0]["fields"]["instant"].endswith(("+01:00", "+02:00"))


def test_rows_and_start_stay_within_ten_thousand(portal: RunningPortal) -> None:
    assert search(portal, rows=10_000).status_code == 200
    assert search(portal, rows=9_999, start=2).status_code == 400
    assert search(portal, sort="inconnu").status_code == 400
    assert search(portal, dataset="unknown").status_code == 404


def test_download_has_no_cap_and_no_mark(portal: RunningPortal) -> None:
    reply = search(portal, "download/", fields="rang,code")
    assert reply.text.splitlines()[0] == "rang;code"
    assert len(reply.text.splitlines()) == 251
    records = search(portal, "download", format="json", rows=3).json()
    assert [sorted(record) for record in records] == [["datasetid", "fields", "record_timestamp", "recordid"]] * 3
    assert search(portal, "download", format="shp").status_code == 400
