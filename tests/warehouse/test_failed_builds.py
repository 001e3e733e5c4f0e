"""Builds that fail in a row are counted until one goes well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from dataelec_assets.errors import LakeError
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.failed_builds import Attempt, last_failure, note_attempt

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def ctx(tmp_path: Path) -> RunContext:
    return RunContext(Settings(lake=tmp_path / "lake"), now=lambda: NOON)


def test_no_failure_is_known_before_the_first(ctx: RunContext) -> None:
    assert last_failure(ctx) is None
    note_attempt(ctx, None)
    assert last_failure(ctx) is None


def test_failures_in_a_row_are_counted_with_the_last_reason(ctx: RunContext) -> None:
    note_attempt(ctx, "a check found a row")
    later = replace(ctx, now=lambda: (NOON + timedelta(hours=1)).astimezone(timezone(timedelta(hours=2))))
    note_attempt(later, "another check found two")
    failure = last_failure(ctx)
    assert failure == Attempt(2, "2026-03-01T13:00:00+00:00", "another check found two")
    assert failure.when == NOON + timedelta(hours=1)


def test_a_build_that_goes_well_ends_the_count(ctx: RunContext) -> None:
    note_attempt(ctx, "a check found a row")
    note_attempt(ctx, None)
    assert last_failure(ctx) is None
    note_attempt(ctx, "again")
    assert last_failure(ctx) == Attempt(1, NOON.isoformat(), "again")


def test_a_damaged_note_is_named(ctx: RunContext) -> None:
    note_attempt(ctx, "a check found a row")
    (path,) = ctx.paths.state.glob("*.json")
    path.write_text('{"failures": 1}', encoding="utf-8")
    with pytest.raises(LakeError, match=path.name):
        last_failure(ctx)
