"""Infoclimat: what the real step proves, the clock of its keys, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.errors import ContractViolation, RequestRejected, SourceError, UnexpectedContent
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.infoclimat import InfoclimatPortal, gfs_forecast, step_at
from tests.portals.keyed_replies import GFS, forecast, step
from tests.portals.support import Script, document, plain

DATE = "Sat, 28 Mar 2026 09:48:00 GMT"


def test_the_real_step_is_read_in_its_own_units(real_data: Path) -> None:
    file = real_data / "infoclimat" / "gfs-forecast" / "infoclimat_gfs_2018-10-22_first-step.json"
    rows = list(gfs_forecast(json.loads(file.read_text("utf-8"))))
    # 23:00 in Paris, still in summer time: a step of the model, which 23:00 UTC is not.
    assert rows == [("2018-10-22T21:00:00+00:00", "20", "282.7", "91.6", "103080", "0", "12.7", "40.4")]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-01-15 01:00:00", "2026-01-15T00"),
        ("2026-07-15 02:00:00", "2026-07-15T00"),
        # Twice there: 00 UTC in summer time is a step, 01 UTC is none.
        ("2025-10-26 02:00:00", "2025-10-26T00"),
        ("2025-10-26 04:00:00", "2025-10-26T03"),
        ("2026-03-29 01:00:00", "2026-03-29T00"),
        ("2026-03-29 05:00:00", "2026-03-29T03"),
    ],
)
def test_keys_are_paris_time_and_fall_on_the_steps_of_the_model(text: str, hour: str) -> None:
    assert step_at(text) == datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)


def test_a_forecast_is_kept_step_by_step_without_anything_that_shows_the_key(tmp_path: Path) -> None:
    script = Script(lambda: document(forecast(), Date=DATE))
    with InfoclimatPortal(script.connection()) as client:
        assert isinstance(client, PortalClient)
        assert client.metadata(GFS).records_count == 26
        download = client.fetch(GFS, "2026-03", tmp_path / "part", lambda _: None)
    assert len(script.requests) == 13
    assert script.requests[0].url.params["_ll"] == "48.8566,2.3522"
    lines = plain(download.path).decode().splitlines()
    assert lines[0].split(";") == list(GFS.column_names)
    assert lines[1:3] == [
        "2026-03-28T09:48:00+00:00;11;2026-03-29T00:00:00+00:00;06;282.7;91.6;103080;1.2;12.7;40.4",
        "2026-03-28T09:48:00+00:00;11;2026-03-29T03:00:00+00:00;06;280;91.6;103080;1.2;12.7;40.4",
    ]
    assert "told back" not in "".join(lines)


@pytest.mark.parametrize(
    ("change", "fault", "words"),
    [
        ({"request_state": 409, "message": "told back"}, RequestRejected, "request_state 409"),
        ({"2026-03-29 03:00:00": step()}, ContractViolation, "is not a step of the model; is the clock"),
        ({"2026-03-29 08:00:00": step(9.5)}, ContractViolation, "9.5 K at Paris: is the unit another one"),
        ({"2026-03-29 08:00:00": {}}, UnexpectedContent, "KeyError: 'temperature'"),
        ({"request_state": "?"}, UnexpectedContent, "ValueError"),
    ],
)
def test_a_reply_that_cannot_be_trusted_is_refused(
    change: dict[str, Any], fault: type[SourceError], words: str
) -> None:
    script = Script(lambda: document({**forecast(), **change}))
    with InfoclimatPortal(script.connection()) as client, pytest.raises(fault, match=words) as raised:
        client.metadata(GFS)
    assert "told back" not in str(raised.value)


def test_a_reply_without_a_step_is_refused() -> None:
    script = Script(lambda: document({"request_state": 200}))
    with InfoclimatPortal(script.connection()) as client, pytest.raises(ContractViolation, match="has no step"):
        client.metadata(GFS)
