"""What a portal that is asked again makes the user read: once, however many data sets it keeps waiting."""

from __future__ import annotations

import logging

import pytest

from dataelec_assets.commands.printing import retries_once

_LOG = "dataelec_assets.portals.retries"


def test_each_fault_is_told_once_and_other_logs_have_it_every_time(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    logger, before = logging.getLogger(_LOG), list(logging.getLogger(_LOG).handlers)
    retries_once()
    try:
        for host in ("odre", "insee", "odre"):
            for attempt in (1, 2, 3):
                logger.warning("attempt %d failed: %s; next in %.1f s", attempt, f"no connection to {host}", 0.5)
    finally:
        logger.handlers = before
    assert capsys.readouterr().err.splitlines() == [
        "attempt 1 failed: no connection to odre; next in 0.5 s",
        "attempt 1 failed: no connection to insee; next in 0.5 s",
    ]
    assert len(caplog.records) == 9
