"""Error bodies and quota headers of every known shape."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from dataelec_assets.portals.error_replies import Explanation, Quota, explain, quota_of
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from tests.portals.support import Script, document

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '{"error_code":"InvalidRESTParameterError","message":"-1 <= limit <= 100 is expected."}',
            Explanation("-1 <= limit <= 100 is expected.", "InvalidRESTParameterError"),
        ),
        (
            '{"errorcode":10002,"reset_time":"2026-11-23T00:00:00Z","error":"Too many requests."}',
            Explanation("Too many requests.", "10002", MIDNIGHT),
        ),
        (
            "Cette couche de compatibilité\n  ne couvre pas les métadonnées.",
            Explanation("Cette couche de compatibilité ne couvre pas les métadonnées."),
        ),
        (
            "\ufeff<!DOCTYPE html><html><head><title>\n En maintenance\n</title></head></html>",
            Explanation("an HTML page “En maintenance”"),
        ),
        ("<html><body>502</body></html>", Explanation("an HTML page")),
        ('{"detail": "no"}', Explanation('{"detail": "no"}')),
        ("[1]", Explanation("[1]")),
        ("", Explanation("")),
    ],
)
def test_every_shape_of_error_body_is_understood(body: str, expected: Explanation) -> None:
    assert explain(body.encode()) == expected


def test_a_long_message_is_shortened() -> None:
    assert len(explain(b"x" * 10_000).message) == 301


def test_bytes_that_are_no_text_still_make_a_message() -> None:
    assert explain(b"\xff\xfe").message


@pytest.mark.parametrize(
    "reset", ["1795392000", "1795392000000", "2026-11-23T00:00:00Z", "2026-11-23 00:00:00+00:00", "2026-11-23 00:00:00"]
)
def test_a_quota_names_its_reset_as_epoch_or_as_a_date(reset: str) -> None:
    headers = httpx.Headers(
        {"x-ratelimit-limit": "50000", "x-ratelimit-remaining": "49999", "x-ratelimit-reset": reset}
    )
    assert quota_of(headers) == Quota(50000, 49999, MIDNIGHT)


@pytest.mark.parametrize("reset", ["tomorrow", "inf", "nan", "1e300"])
def test_an_unreadable_reset_is_none(reset: str) -> None:
    assert quota_of({"X-RateLimit-Limit": "many", "X-RateLimit-Reset": reset}) == Quota(None, None, None)


def test_without_headers_there_is_no_quota() -> None:
    assert quota_of({}) is None


def test_the_client_shows_the_latest_quota_of_both_families() -> None:
    script = Script(
        lambda: document(
            {"total_count": 1},
            X_RateLimit_Limit="50000",
            X_RateLimit_Remaining="41999",
            X_RateLimit_Reset="1795392000",
            X_RateLimit_dataset_Limit="10",
            X_RateLimit_dataset_Remaining="3",
        ),
        lambda: document({"total_count": 1}),
    )
    connection = script.connection()
    with OpendatasoftPortal(connection) as client:
        assert connection.quota is None
        client.count("x", None)
        client.count("x", None)
        assert connection.quota == Quota(50000, 41999, MIDNIGHT)
        assert connection.dataset_quotas == {"x": Quota(10, 3, None)}
