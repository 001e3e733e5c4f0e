"""Whatever is asked, the service answers or refuses; it never fails."""

from __future__ import annotations

from pathlib import Path

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.office import FRANCE
from tests.serving.api.payloads import send
from tests.serving.api.served import make_served, running

# Some seconds; `python -m tests.serving.api.payloads 10000` sends more.
COUNT = 700


def test_seven_hundred_valid_odd_and_hostile_requests_are_answered_or_refused(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb", extra=FRANCE)
    with running(create_app(served, Options(rate=0, log=False))) as client:
        statuses = send(client, COUNT, seed=60)
    assert sum(statuses.values()) == COUNT
    assert min(statuses[200], statuses[404], statuses[422]) > COUNT / 50, "most kinds of answers are met"
