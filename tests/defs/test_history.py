"""Old runs go from Dagster's history, except those without which something would look as if it were never made."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from dataelec_assets.defs import history

MONTHS = dg.StaticPartitionsDefinition(["2026-01", "2026-02"])
LATER = datetime.now(UTC) + timedelta(days=history.KEPT_DAYS + 1)


@dg.asset
def table() -> None:
    """Stand for a table."""


@dg.asset(partitions_def=MONTHS)
def fact() -> None:
    """Stand for a fact that is cut by month."""


@dg.op
def nothing() -> None:
    """Make nothing."""


@dg.job
def idle() -> None:
    """Stand for a refresh that found nothing to do."""
    nothing()


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """Return an instance of which one run is kept for being the newest."""
    monkeypatch.setattr(history, "KEPT_RUNS", 1)
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides={"telemetry": {"enabled": False}}) as found:
        yield found


def make(instance: dg.DagsterInstance, asset: dg.AssetsDefinition, month: str | None = None) -> str:
    return dg.materialize([asset], instance=instance, partition_key=month).run_id


def prune(instance: dg.DagsterInstance, now: datetime = LATER) -> list[str]:
    """Prune while a newer run is about to start."""
    instance.create_run_for_job(idle)
    return history.prune(instance, now, logging.getLogger("history"))


def ended(instance: dg.DagsterInstance) -> set[str]:
    return {run.run_id for run in instance.get_runs() if run.is_finished}


def test_a_run_stays_as_long_as_it_is_the_last_to_have_made_something(instance: dg.DagsterInstance) -> None:
    first, last = make(instance, table), make(instance, table)
    assert prune(instance) == [first]
    assert ended(instance) == {last}
    assert instance.get_latest_materialization_event(table.key) is not None


def test_a_month_that_was_made_long_ago_still_looks_made(instance: dg.DagsterInstance) -> None:
    january, early, february = (make(instance, fact, month) for month in ("2026-01", "2026-02", "2026-02"))
    assert prune(instance) == [early]
    assert ended(instance) == {january, february}
    assert instance.get_materialized_partitions(fact.key) == {"2026-01", "2026-02"}


def test_runs_that_made_nothing_go_with_their_files_a_few_at_a_time(instance: dg.DagsterInstance) -> None:
    runs = [idle.execute_in_process(instance=instance).run_id for _ in range(7)]
    logs = Path(instance.storage_directory()) / runs[0]
    assert logs.exists()
    assert prune(instance) == runs[:5]
    assert not logs.exists()
    assert prune(instance) == runs[5:]


def test_a_run_that_is_needed_is_not_looked_at_each_time(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(instance, table)
    looked: list[str] = []

    def look(_: dg.DagsterInstance, run_id: str) -> bool:
        looked.append(run_id)
        return True

    monkeypatch.setattr(history, "_is_last_maker", look)
    for days in (0, 1, 40):
        prune(instance, LATER + timedelta(days=days))
    assert len(looked) == 2


def test_young_runs_and_the_newest_ones_stay(instance: dg.DagsterInstance) -> None:
    run_id = idle.execute_in_process(instance=instance).run_id
    log = logging.getLogger("history")
    assert history.prune(instance, datetime.now(UTC), log) == []
    assert history.prune(instance, LATER, log) == [], "it is the newest"
    assert prune(instance) == [run_id]
