"""Sources side by side: each in its own time, reported in order, ended together by Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest

from dataelec_assets import pipeline
from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import BusyError, LakeError
from dataelec_assets.ingest import fetch as fetching
from dataelec_assets.ingest import observe, side_by_side
from dataelec_assets.ingest.fetch import fetch_source, refresh_source
from dataelec_assets.ingest.observe import Observation, observe_sources
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.ingest.session import Ingested, Session
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.state import load_state, save_state
from dataelec_assets.pipeline import Observed, Request
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from tests.faults.france import GAS, TEMPERATURE, SmallLake
from tests.ingest.conftest import MONTHS

TWO = (GAS, TEMPERATURE)


def hasty(bare: SmallLake, seconds: int) -> RunContext:
    """Return a run context whose sources have so many seconds each."""
    ctx = bare.ctx()
    return replace(ctx, settings=replace(ctx.settings, source_deadline=seconds))


def ingest_all(ctx: RunContext, observed: Observed) -> dict[str, Ingested]:
    """Fetch side by side and copy one after the other, as the steps of a run do."""
    session = Session(ctx)
    try:
        session.begin()
        session.download(observed.tasks)
        return {task.dataset.id: session.ingest(task) for task in observed.tasks}
    finally:
        session.close()


def take_up(ctx: RunContext) -> dict[str, Ingested]:
    return ingest_all(ctx, observe_two(ctx))


def observe_two(ctx: RunContext) -> Observed:
    return pipeline.observe(ctx, Request(TWO))


def test_a_slow_source_holds_back_no_other_and_what_happens_is_recorded_in_one_order(
    bare: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits_for_the_other, ended = Event(), []

    def fetch(ctx: RunContext, seen: Observation, *args: Any, **kwargs: Any) -> SourceReport:
        if seen.dataset.id == GAS:
            assert waits_for_the_other.wait(30)
        report = fetch_source(ctx, seen, *args, **kwargs)
        ended.append(seen.dataset.id)
        waits_for_the_other.set()
        return report

    monkeypatch.setattr(side_by_side, "fetch_source", fetch)
    done = take_up(bare.ctx())
    assert ended == [TEMPERATURE, GAS]
    assert list(done) == list(TWO)
    assert all(each.copies is not None and each.copies.rebuilt for each in done.values())
    assert {each.report.outcome for each in done.values()} == {"refreshed"}


@pytest.mark.usefixtures("by_the_month")
def test_a_source_that_takes_too_long_ends_and_what_arrived_is_kept_and_loaded(bare: SmallLake) -> None:
    ctx = hasty(bare, 4)
    seen = observe_two(ctx)
    # Four at a time, each after more than a second: about twelve of the twenty-four months arrive.
    bare.fault("hang:1.2", GAS)
    began = time.monotonic()
    done = ingest_all(ctx, seen)
    assert time.monotonic() - began < 20
    report = done[GAS].report
    assert (report.outcome, report.fault) == ("failed", "DeadlinePassed")
    arrived = len(report.fetched)
    assert 0 < arrived < len(MONTHS)
    assert f"stopped after 4 s, the time that one source has in a refresh; {arrived} of 24 partition(s)" in str(
        report.error
    )
    assert "the next refresh takes up from there; DATAELEC_SOURCE_DEADLINE" in str(report.error)
    assert load_state(ctx.paths, ctx.catalog[GAS]).status == "failed"
    assert len(ctx.parquet.index(ctx.catalog[GAS])) == arrived
    assert done[GAS].copies is not None
    assert done[TEMPERATURE].report.outcome == "refreshed"

    bare.portal.heal()
    again = take_up(bare.ctx())[GAS].report
    assert (again.error, len(again.fetched)) == (None, len(MONTHS) - arrived)


def test_a_portal_that_is_slow_to_say_what_it_has_ends_too(bare: SmallLake) -> None:
    bare.portal.fail("hang:5", dataset=GAS, kind="records")
    ctx = hasty(bare, 1)
    began = time.monotonic()
    gas, temperature = observe_sources(ctx, [ctx.catalog[each] for each in TWO])
    assert time.monotonic() - began < 5
    assert (gas.report.fault, temperature.report.error) == ("DeadlinePassed", None)


def test_the_time_of_the_observation_counts(bare: SmallLake, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[float] = []

    def client(self: RunContext, dataset: Dataset, **known: float) -> Any:
        spent.append(known.get("spent", 0.0))
        return genuine(self, dataset, **known)

    genuine: Callable[..., Any] = RunContext.client
    ctx = bare.ctx()
    (task,) = pipeline.observe(ctx, Request((GAS,))).tasks
    assert task.observation.seconds > 0
    monkeypatch.setattr(RunContext, "client", client)
    Session(ctx).ingest(replace(task, observation=replace(task.observation, seconds=12.5)))
    assert spent == [12.5]


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """A process that was started in the background ignores Ctrl-C; here it is heard."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_an_interruption_ends_all_sources_at_once_and_blames_none(bare: SmallLake) -> None:
    ctx = bare.ctx()
    seen = observe_two(ctx)
    bare.portal.fail("hang:20", kind="export")
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        ingest_all(ctx, seen)
    assert time.monotonic() - began < 10
    assert [load_state(ctx.paths, ctx.catalog[each]).status for each in TWO] == ["stale", "stale"]
    bare.portal.heal()
    assert {each.report.outcome for each in take_up(bare.ctx()).values()} == {"refreshed"}


def test_a_state_that_cannot_be_written_or_read_is_the_fault_of_its_source_alone(
    bare: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(genuine: Callable[..., None]) -> Callable[..., None]:
        def save(paths: object, dataset: Dataset, content: object) -> None:
            if dataset.id == GAS:
                raise LakeError("cannot write state/x.json: No space left on device.")
            genuine(paths, dataset, content)

        return save

    ctx = bare.ctx()
    seen = observe_two(ctx)
    with monkeypatch.context() as during:
        during.setattr(fetching, "save_state", refusing(save_state))
        done = ingest_all(ctx, seen)
    assert (done[GAS].report.outcome, done[TEMPERATURE].report.outcome) == ("failed", "refreshed")
    assert "No space left" in str(done[GAS].report.error)
    with monkeypatch.context() as during:
        during.setattr(observe, "save_state", refusing(save_state))
        gas, temperature = observe_sources(ctx, [ctx.catalog[each] for each in TWO])
    assert (gas.report.outcome, temperature.report.error) == ("failed", None)
    (ctx.paths.state / f"{GAS}.json").write_text("{", encoding="utf-8")
    reports = {each.dataset.id: each.report for each in observe_sources(ctx, [ctx.catalog[each] for each in TWO])}
    assert "is damaged" in str(reports[GAS].error)
    assert reports[TEMPERATURE].error is None
    assert "is damaged" in str(refresh_source(ctx, ctx.catalog[GAS], SilentProgress()).error)


def test_the_lock_of_the_lake_is_taken_again_by_its_thread_and_by_no_other(bare: SmallLake) -> None:
    refused = []

    def intrude() -> None:
        try:
            with exclusive(bare.paths):
                pass
        except BusyError:
            refused.append(True)

    with exclusive(bare.paths):
        draft = bare.paths.temporary / "draft"
        draft.parent.mkdir(exist_ok=True)
        draft.touch()
        with exclusive(bare.paths):
            assert draft.exists()
        thread = Thread(target=intrude)
        thread.start()
        thread.join()
        assert refused == [True]
    with exclusive(bare.paths):
        assert not draft.exists()
