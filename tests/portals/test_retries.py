"""Which answers are asked for again, after how long, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event, Timer

import httpx
import pytest

from dataelec_assets.errors import (
    DatasetAbsent,
    PortalUnreachable,
    QuotaExceeded,
    RequestRejected,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals import retries
from dataelec_assets.portals.retries import RetryPolicy, Transient
from tests.portals.support import Reply, Script, document, opendatasoft, quota_reply

OK = {"total_count": 7}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_retried(status: int) -> None:
    script = Script(lambda: document({"message": "later"}, status), lambda: document(OK))
    with script.client() as client:
        assert client.count("x", None) == 7
    assert len(script.requests) == 2


@pytest.mark.parametrize("status", [408, 425, 500, 503])
def test_after_four_attempts_the_portal_is_unreachable(status: int) -> None:
    script = Script(lambda: document({"message": "internal error"}, status))
    with script.client() as client, pytest.raises(PortalUnreachable) as caught:
        client.count("x", None)
    assert len(script.requests) == 4
    assert f"x: HTTP {status}: internal error (after 4 attempts) [https://portal.example/" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, RequestRejected),
        (401, RequestRejected),
        (403, RequestRejected),
        (422, RequestRejected),
        (404, DatasetAbsent),
        (410, DatasetAbsent),
        (304, UnexpectedContent),
    ],
)
def test_a_refusal_is_never_retried(status: int, fault: type[SourceError]) -> None:
    body = {"error_code": "ODSQLError", "message": "ODSQL query is malformed: Unknown field: foo."}
    script = Script(lambda: document(body, status))
    with script.client() as client, pytest.raises(fault, match="Unknown field: foo"):
        client.count("x", None)
    assert len(script.requests) == 1
    assert script.waits == []


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ConnectTimeout(""), httpx.ReadTimeout("")])
def test_a_silent_portal_is_asked_again_then_named(error: httpx.TransportError) -> None:
    script = Script(lambda: error)
    with script.client() as client, pytest.raises(PortalUnreachable, match=r"https://portal\.example.*Check the"):
        client.count("x", None)
    assert len(script.requests) == 4


def test_a_certificate_that_cannot_be_verified_is_not_asked_again() -> None:
    script = Script(lambda: httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"))
    with script.client() as client, pytest.raises(PortalUnreachable, match="SSL_CERT_FILE"):
        client.count("x", None)
    assert len(script.requests) == 1


def test_redirections_in_circles_are_unexpected_content() -> None:
    script = Script(lambda: httpx.Response(302, headers={"Location": "https://portal.example/again"}))
    with script.client() as client, pytest.raises(UnexpectedContent, match="circles"):
        client.count("x", None)


@pytest.mark.parametrize(
    "reply",
    [
        lambda: httpx.Response(200, html="<html><title>Maintenance</title></html>"),
        lambda: httpx.Response(200, text=""),
        lambda: httpx.Response(200, json=[]),
        lambda: document({"error_code": "InternalServerError", "message": "internal error"}),
    ],
)
def test_a_reply_of_status_200_that_is_not_json_is_retried_then_unexpected(reply: Callable[[], Reply]) -> None:
    script = Script(reply)
    with script.client() as client, pytest.raises(UnexpectedContent, match="instead of a JSON reply"):
        client.count("x", None)
    assert len(script.requests) == 4


def test_waits_are_jittered_below_a_doubling_bound() -> None:
    drawn: list[list[float]] = []
    for _ in range(40):
        script = Script(lambda: document({}, 503))
        with script.client() as client, pytest.raises(PortalUnreachable):
            client.count("x", None)
        drawn.append(script.waits)
    for place, bound in enumerate((1.0, 2.0, 4.0)):
        waits = [waits[place] for waits in drawn]
        assert 0 <= min(waits) < bound / 4
        assert bound / 2 < max(waits) <= bound


def test_retry_after_in_seconds_is_honoured() -> None:
    script = Script(lambda: document({}, 503, Retry_After="7"), lambda: document(OK))
    with script.client() as client:
        client.count("x", None)
    assert 7 <= script.waits[0] <= 8


def test_retry_after_as_a_date_is_honoured() -> None:
    later = format_datetime(datetime.now(tz=UTC) + timedelta(seconds=30), usegmt=True)
    script = Script(lambda: document({}, 429, Retry_After=later), lambda: document(OK))
    with script.client() as client:
        client.count("x", None)
    assert 28 <= script.waits[0] <= 31


@pytest.mark.parametrize("value", ["soon", "-3", "1e9", ""])
def test_an_unreadable_retry_after_leaves_the_ordinary_wait(value: str) -> None:
    script = Script(lambda: document({}, 503, Retry_After=value), lambda: document(OK))
    with script.client() as client:
        client.count("x", None)
    assert 0 <= script.waits[0] <= 1


def test_a_date_that_is_past_means_now() -> None:
    past = format_datetime(datetime.now(tz=UTC) - timedelta(days=1), usegmt=True)
    script = Script(lambda: document({}, 503, Retry_After=past), lambda: document(OK))
    with script.client() as client:
        client.count("x", None)
    assert 0 <= script.waits[0] <= 1


def test_a_maintenance_longer_than_a_minute_is_not_waited_for() -> None:
    script = Script(lambda: document({"message": "maintenance"}, 503, Retry_After="3600"))
    with script.client() as client, pytest.raises(PortalUnreachable, match="come back after 20"):
        client.count("x", None)
    assert len(script.requests) == 1


@pytest.mark.parametrize("code", [10002, 10005])
def test_a_429_with_quota_is_never_retried(code: int) -> None:
    script = Script(lambda: quota_reply(code))
    with script.client() as client, pytest.raises(QuotaExceeded, match="Too many requests on the domain") as caught:
        client.count("x", None)
    assert len(script.requests) == 1
    assert caught.value.reset_at is not None
    assert caught.value.reset_at.isoformat() in str(caught.value)
    assert timedelta(minutes=59) < caught.value.reset_at - datetime.now(tz=UTC) <= timedelta(hours=1)


def test_until_the_quota_is_renewed_the_portal_is_not_asked_again() -> None:
    script = Script(quota_reply, lambda: document(OK))
    with script.client() as client:
        with pytest.raises(QuotaExceeded):
            client.count("x", None)
        with pytest.raises(QuotaExceeded, match="y: not asked"):
            client.count("y", None)
    assert len(script.requests) == 1


def test_once_the_quota_is_renewed_the_portal_is_asked_again() -> None:
    script = Script(lambda: quota_reply(in_seconds=-1), lambda: document(OK))
    with script.client() as client:
        with pytest.raises(QuotaExceeded):
            client.count("x", None)
        assert client.count("x", None) == 7


def test_a_429_without_quota_is_retried_then_a_quota_fault() -> None:
    script = Script(lambda: httpx.Response(429, text="slow down"))
    with script.client() as client, pytest.raises(QuotaExceeded, match=r"slow down \(after 4 attempts\)"):
        client.count("x", None)
    assert len(script.requests) == 4


def test_a_429_whose_headers_say_that_no_call_is_left_until_tomorrow_is_not_retried() -> None:
    tomorrow = datetime.now(tz=UTC).replace(microsecond=0) + timedelta(days=1)
    script = Script(
        lambda: document({}, 429, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(tomorrow.timestamp())))
    )
    with script.client() as client, pytest.raises(QuotaExceeded) as caught:
        client.count("x", None)
    assert caught.value.reset_at == tomorrow
    assert len(script.requests) == 1


def test_a_429_with_calls_left_came_too_fast_and_is_retried() -> None:
    tomorrow = str(int((datetime.now(tz=UTC) + timedelta(days=1)).timestamp()))
    script = Script(
        lambda: document({}, 429, X_RateLimit_Remaining="10", X_RateLimit_Reset=tomorrow),
        lambda: document(OK),
    )
    with script.client() as client:
        assert client.count("x", None) == 7


def test_a_quota_renewed_in_a_moment_is_waited_for() -> None:
    soon = datetime.now(tz=UTC) + timedelta(seconds=20)
    script = Script(
        lambda: document({}, 429, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(soon.timestamp())),
        lambda: document(OK),
    )
    with script.client() as client:
        assert client.count("x", None) == 7
    assert 18 <= script.waits[0] <= 21


def test_a_429_that_asks_for_an_hour_says_when_to_come_back() -> None:
    script = Script(lambda: httpx.Response(429, text="slow down", headers={"Retry-After": "3600"}))
    with script.client() as client, pytest.raises(QuotaExceeded) as caught:
        client.count("x", None)
    assert caught.value.reset_at is not None
    assert caught.value.reset_at > datetime.now(tz=UTC) + timedelta(minutes=59)
    assert len(script.requests) == 1


def test_the_quota_of_one_data_set_does_not_hold_back_the_others() -> None:
    tomorrow = str(int((datetime.now(tz=UTC) + timedelta(days=1)).timestamp()))
    script = Script(
        lambda: document({}, 429, X_RateLimit_dataset_Remaining="0", X_RateLimit_dataset_Reset=tomorrow),
        lambda: document(OK),
    )
    with script.client() as client:
        with pytest.raises(QuotaExceeded):
            client.count("x", None)
        assert client.count("y", None) == 7


def test_a_quota_answer_under_200_is_not_retried() -> None:
    script = Script(lambda: document({"errorcode": 10005, "error": "exceeded", "reset_time": "2099-01-01T00:00:00Z"}))
    with script.client() as client, pytest.raises(QuotaExceeded, match="exceeded"):
        client.count("x", None)
    assert len(script.requests) == 1


def test_cancelling_ends_a_wait_and_all_attempts() -> None:
    tries = []
    cancelled = Event()

    def attempt() -> None:
        tries.append(1)
        cancelled.set()
        raise Transient("later", lambda text: PortalUnreachable(text, dataset_id="x"))

    with pytest.raises(PortalUnreachable):
        retries.call(attempt, RetryPolicy(first_wait=1000), sleep=lambda _: None, cancelled=cancelled)
    assert len(tries) == 1


def test_cancelling_from_another_thread_ends_the_wait() -> None:
    def serve(_: httpx.Request) -> httpx.Response:
        Timer(0.1, client.cancel).start()
        return document({}, 503, Retry_After="20")

    with opendatasoft("https://portal.example", transport=httpx.MockTransport(serve)) as client:
        began = datetime.now(tz=UTC)
        with pytest.raises(PortalUnreachable):
            client.count("x", None)
        assert datetime.now(tz=UTC) - began < timedelta(seconds=5)


def test_each_retry_is_logged_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(lambda: document({"message": "busy"}, 503), lambda: document(OK))
    with script.client() as client:
        client.count("x", None)
    assert "attempt 1 failed: HTTP 503: busy; next in" in caplog.text
