"""Quota, keys and faults (acceptance items 8 to 10)."""

from __future__ import annotations

import time

import httpx
import pytest

from dataelec_assets.sample.portal import RunningPortal
from tests.sample.portal.conftest import Get, getter

EXPORT = "/mesures/exports/csv"


def fault(portal: RunningPortal, name: str, **rule: object) -> None:
    portal.control("faults", [{"fault": name, "dataset": "mesures", **rule}])


def test_replies_announce_a_quota_that_counts_down(own_get: Get) -> None:
    first, second = own_get("/mesures").headers, own_get("/mesures/records").headers
    assert first["x-ratelimit-limit"] == "50000"
    assert int(second["x-ratelimit-remaining"]) == int(first["x-ratelimit-remaining"]) - 1
    assert int(first["x-ratelimit-reset"]) > time.time()


@pytest.mark.parametrize(
    ("unit", "code", "error"),
    [
        ("day", 10002, "Too many requests on the domain. Please contact the domain administrator."),
        ("month", 10005, "You have exceeded the requests limit for anonymous users."),
    ],
)
def test_a_quota_used_up_is_refused_with_its_own_body(
    own_portal: RunningPortal, unit: str, code: int, error: str
) -> None:
    get = getter(own_portal)
    reset = "2021-01-26T00:00:00Z"
    own_portal.control("quota", {"portal": "odre", "limit": 2, "unit": unit, "code": code, "reset_time": reset})
    assert [get("/mesures").status_code for _ in range(3)] == [200, 200, 429]
    reply = get(EXPORT)
    assert reply.status_code == 429
    assert reply.headers["x-ratelimit-remaining"] == "0"
    assert reply.headers["x-ratelimit-reset"] == "1611619200"
    assert reply.json() == {
        "errorcode": code,
        "reset_time": reset,
        "limit_time_unit": unit,
        "call_limit": 2,
        "error": error,
    }


def test_the_default_reset_is_the_next_utc_midnight_or_month(own_portal: RunningPortal) -> None:
    for unit in ("day", "month"):
        own_portal.control("quota", {"limit": 0, "unit": unit})
        body = getter(own_portal)("/mesures").json()
        assert body["reset_time"].endswith("T00:00:00Z" if unit == "day" else "-01T00:00:00Z")


def test_the_other_family_of_headers_can_be_chosen(own_portal: RunningPortal) -> None:
    own_portal.control("quota", {"headers": "dataset", "limit": 7})
    headers = getter(own_portal)("/mesures").headers
    assert headers["x-ratelimit-dataset-remaining"] == "6"
    assert "x-ratelimit-remaining" not in headers


def test_a_private_dataset_asks_for_its_key(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    own_portal.control("private", {"dataset": "mesures", "key": "a-key"})
    assert get("/mesures").status_code == 401
    assert get("/mesures", headers={"Authorization": "Apikey wrong"}).status_code == 401
    assert get("/mesures", headers={"Authorization": "Apikey a-key"}).status_code == 200
    assert get("/mesures", headers={"Authorization": "apikey a-key"}).status_code == 200
    assert get("/mesures", apikey="a-key").status_code == 200
    assert get("/temperature-quotidienne-regionale").status_code == 200
    own_portal.control("private", {"dataset": "mesures", "key": None})
    assert get("/mesures").status_code == 200


def test_a_server_error_strikes_once_then_all_is_well(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    fault(own_portal, "status:500", kind="records")
    assert get("/mesures").status_code == 200
    broken = get("/mesures/records")
    assert broken.status_code == 500
    assert broken.json() == {"error_code": "InternalServerError", "message": "internal error"}
    assert get("/mesures/records").status_code == 200


def test_a_fault_can_wait_and_strike_several_times(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    fault(own_portal, "status:503", after=1, times=2)
    replies = [get("/mesures") for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 503, 503, 200]
    assert replies[1].headers["content-type"].startswith("text/html")


def test_other_datasets_are_spared(own_portal: RunningPortal) -> None:
    fault(own_portal, "status:500", times=None)
    get = getter(own_portal)
    assert get("/temperature-quotidienne-regionale").status_code == 200
    assert [get("/mesures").status_code for _ in range(3)] == [500, 500, 500]


def test_too_many_requests_come_with_and_without_the_quota_s_body(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    own_portal.control("faults", [{"fault": "status:429-quota"}, {"fault": "status:429"}])
    with_quota, without = get("/mesures"), get("/mesures")
    assert with_quota.json()["errorcode"] == 10002
    assert without.status_code == 429
    assert without.headers["retry-after"] == "0"


def test_a_maintenance_page_or_an_error_object_can_come_with_status_200(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    own_portal.control("faults", [{"fault": "html_200"}, {"fault": "json_error_200"}])
    page, error = get(EXPORT), get(EXPORT)
    assert (page.status_code, page.text) == (200, "<html>maintenance</html>")
    assert (error.status_code, error.json()["error_code"]) == (200, "InternalServerError")


def test_a_truncated_body_breaks_the_connection_after_the_first_bytes(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    fault(own_portal, "truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        get(EXPORT)
    assert get(EXPORT).status_code == 200


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_a_body_can_end_properly_with_whole_lines_missing(own_portal: RunningPortal, form: str) -> None:
    get = getter(own_portal)
    complete = get(f"/mesures/exports/{form}")
    fault(own_portal, "truncate_clean")
    short = get(f"/mesures/exports/{form}")
    assert short.status_code == 200
    lines, all_lines = short.text.splitlines(), complete.text.splitlines()
    assert 100 < len(lines) < len(all_lines)
    if form == "json":
        assert short.json() == complete.json()[: len(short.json())]
    else:
        assert lines == all_lines[: len(lines)]


def test_a_parquet_body_can_lose_its_end(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    complete = get("/mesures/exports/parquet").content
    fault(own_portal, "truncate_clean")
    short = get("/mesures/exports/parquet").content
    assert complete.startswith(short)
    assert not short.endswith(b"PAR1")


def test_a_page_of_records_can_be_short_too(own_portal: RunningPortal) -> None:
    fault(own_portal, "truncate_clean", kind="records")
    body = getter(own_portal)("/mesures/records").json()
    assert (body["total_count"], len(body["results"])) == (250, 6)


def test_a_reply_can_hang_then_come(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    get("/mesures")
    fault(own_portal, "hang:0.4")
    started = time.monotonic()
    assert get("/mesures").status_code == 200
    assert time.monotonic() - started >= 0.4


def test_a_reply_can_be_empty(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    fault(own_portal, "empty", times=4)
    assert get("/mesures/exports/json").json() == []
    assert get(EXPORT, select="rang", with_bom="false").text == "rang\r\n"
    assert get("/mesures/records").json() == {"total_count": 0, "results": []}
    assert get("/mesures").content == b""


def test_a_connection_can_be_reset_before_the_reply(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    fault(own_portal, "reset")
    with pytest.raises(httpx.TransportError):
        get("/mesures")
    assert get("/mesures").status_code == 200


@pytest.mark.parametrize("rule", [{"fault": "explode"}, {"fault": "reset", "kind": "else"}, {"fault": "reset", "x": 1}])
def test_a_wrong_rule_is_refused(own_portal: RunningPortal, rule: dict[str, object]) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        own_portal.control("faults", [rule])


def test_calls_are_counted_by_dataset_and_kind(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    for path in ("/mesures", "/mesures/records", "/mesures/records", EXPORT, ""):
        get(path)
    assert own_portal.control()["calls"] == {
        "odre/*": {"catalog": 1},
        "odre/mesures": {"metadata": 1, "records": 2, "export": 1},
    }
