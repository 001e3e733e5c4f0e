"""What a person starts by hand is done and recorded, or the run says why nothing was to do."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Collection, Sequence

import dagster as dg
import pytest

from dataelec_assets.database import connect
from dataelec_assets.ingest.copies import refresh_copies, settle
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.session import Ingested, Session, Task
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.warehouse import chosen
from dataelec_assets.warehouse.dbt import NodeResult, run_dbt
from dataelec_assets.warehouse.renewed import read_marks
from dataelec_assets.warehouse.up_to_date import is_behind
from tests.defs.test_jobs import Dagster, dagster
from tests.faults.france import GAS, SOURCES, SmallLake

__all__ = ["dagster"]

MART, FACT, STAGING = "mart_stock_gaz_national", "fct_stock_gaz", "stg_odre__stock_quotidien_stockages_gaz"


def materialize(dagster: Dagster, name: str, partition: str | None = None) -> dg.ExecuteInProcessResult:
    """Materialise one asset, as the button of the UI does."""
    job = dagster.definitions.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        asset_selection=[dg.AssetKey(name.split("/"))],
        instance=dagster.instance,
        partition_key=partition,
        raise_on_error=False,
    )


def first_line(dagster: Dagster, run_id: str) -> str:
    """Return the first line that a step of a run has written."""
    lines = (entry for entry in dagster.instance.all_logs(run_id) if entry.step_key and not entry.is_dagster_event)
    return next(entry.user_message for entry in lines if "file" not in entry.user_message)


@pytest.fixture
def selected(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Return what dbt is asked to build."""
    asked: list[set[str]] = []

    def run(
        paths: LakePaths, arguments: Sequence[str], *, months: Sequence[str] = (), tolerated: Collection[str] = ()
    ) -> list[NodeResult]:
        asked.append(set(arguments[list(arguments).index("--select") + 1 :]))
        return run_dbt(paths, arguments, months=months, tolerated=tolerated)

    monkeypatch.setattr(chosen, "run_dbt", run)
    return asked


def test_one_table_is_built_with_what_it_lacks_and_nothing_else(
    small: SmallLake, dagster: Dagster, selected: list[set[str]]
) -> None:
    result = materialize(dagster, MART)
    assert result.success
    assert selected == [{MART}]
    assert dagster.made(result.run_id) == {(MART, None): 1}
    (event,) = result.asset_materializations_for_node("tables")
    assert int(str(event.metadata["dagster/row_count"].value)) > 0
    assert not is_behind(dagster.ctx)

    # What it is made from has moved: that is built too, and the other tables are left to the next refresh.
    small.revise(GAS)
    dataset = dagster.ctx.catalog[GAS]
    refresh_source(dagster.ctx, dataset, SilentProgress())
    refresh_copies(dagster.ctx, dataset)
    settle(dagster.ctx, dataset)
    assert materialize(dagster, MART).success
    assert {MART, FACT, STAGING} <= selected[1]
    assert len(selected[1]) < 8
    with connect(small.paths.warehouse, read_only=True) as connection:
        assert connection.execute(f"SELECT max(stock_gwh) FROM {FACT} WHERE stock_gwh = 1234.5").fetchone() == (1234.5,)
    assert is_behind(dagster.ctx)
    assert small.refresh([GAS]).exit_code == 0
    assert not is_behind(dagster.ctx)


def test_a_table_that_is_missing_is_built_with_the_one_that_needs_it(
    small: SmallLake, dagster: Dagster, selected: list[set[str]]
) -> None:
    with connect(small.paths.warehouse) as connection:
        connection.execute(f"DROP TABLE {FACT}")
    assert materialize(dagster, MART).success
    assert selected == [{MART, FACT}]


def test_a_month_of_a_fact_is_built_although_nothing_has_moved(small: SmallLake, dagster: Dagster) -> None:
    before = small.rows("SELECT count(*) FROM fct_eco2mix_national")
    marks = read_marks(small.paths)
    result = materialize(dagster, "fct_eco2mix_national", "2023-11")
    assert result.success
    renewed = read_marks(small.paths)
    assert marks is not None
    assert renewed is not None
    months = [f"2023-{month:02d}" for month in range(1, 13)]
    moved = [
        each for each in months if marks.of("fct_eco2mix_national", each) != renewed.of("fct_eco2mix_national", each)
    ]
    assert moved == ["2023-11"]
    assert marks.of("dim_region") == renewed.of("dim_region")
    assert dagster.made(result.run_id) == {("fct_eco2mix_national", "2023-11"): 1}
    with connect(small.paths.warehouse, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM fct_eco2mix_national").fetchall() == before


def test_a_publication_that_shows_the_lake_is_recorded_as_verified(dagster: Dagster) -> None:
    result = materialize(dagster, "publication")
    assert result.success
    assert first_line(dagster, result.run_id).startswith("Nothing to do: publication ")
    (event,) = result.asset_materializations_for_node("publication")
    assert event.metadata["issue"].value == "vérifié, inchangé"


def test_a_copy_that_is_up_to_date_says_so_and_is_recorded(dagster: Dagster) -> None:
    result = materialize(dagster, "lake/stock_quotidien_stockages_gaz", "2023-02")
    assert result.success
    assert first_line(dagster, result.run_id).startswith("Nothing to do: ")
    assert dagster.made(result.run_id) == {("lake/stock_quotidien_stockages_gaz", "2023-02"): 1}


def steps(dagster: Dagster, run_id: str) -> list[str]:
    """Return the steps of a run that ended, in their order."""
    stats = dagster.instance.get_run_step_stats(run_id)
    return [each.step_key for each in sorted(stats, key=lambda each: each.start_time or 0)]


def refresh(dagster: Dagster) -> str:
    before = {run.run_id for run in dagster.instance.get_runs()}
    dagster.run(*SOURCES)
    (run_id,) = {run.run_id for run in dagster.instance.get_runs()} - before
    return run_id


def test_a_refresh_has_one_step_for_each_stale_source_and_says_when_there_is_none(
    small: SmallLake, dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.revise(GAS)
    genuine, attempts = Session.ingest, []

    def ingest(self: Session, task: Task) -> Ingested:
        attempts.append(task.dataset.id)
        if len(attempts) == 1:
            raise RuntimeError("a library has a bad day")
        return genuine(self, task)

    monkeypatch.setattr(Session, "ingest", ingest)
    run_id = refresh(dagster)
    assert steps(dagster, run_id) == [
        *("observe", "ingest[stock_quotidien_stockages_gaz]", "build", "publish", "report", "verdict")
    ]
    # What no rule foresees is tried once more.
    assert attempts == [GAS, GAS]
    assert small.rows("SELECT max(stock_gwh) FROM fct_stock_gaz WHERE stock_gwh = 1234.5") == [(1234.5,)]

    again = refresh(dagster)
    assert steps(dagster, again) == ["observe", "build", "publish", "report", "verdict"]
    assert first_line(dagster, again).startswith(f"Nothing to do: {len(SOURCES)} source(s) asked")
    logs = dagster.instance.all_logs(again, of_type=dg.DagsterEventType.ASSET_OBSERVATION)
    told = [
        observed.metadata["issue"].value
        for entry in logs
        if entry.dagster_event and (observed := entry.dagster_event.asset_observation_data.asset_observation)
        if "issue" in observed.metadata
    ]
    assert told == [f"rien à faire : {len(SOURCES)} source(s), aucune périmée"]


def test_a_command_with_nothing_to_do_loads_neither_dagster_nor_dbt(small: SmallLake) -> None:
    code = (
        "import sys\n"
        "from dataelec_assets.commands.refresh import run_refresh\n"
        f"outcome = run_refresh({SOURCES!r}, quiet=True)\n"
        "print(outcome.exit_code, outcome.build, {'dagster', 'dbt'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=small.environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[-2] == "0 None set()"


def test_ctrl_c_ends_the_command_as_ctrl_c_and_the_next_one_finishes_the_work(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Ingested:
        signal.raise_signal(signal.SIGINT)
        time.sleep(5)
        pytest.fail("Ctrl-C was not heard")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background ignores it
    try:
        small.revise(GAS)
        with monkeypatch.context() as during:
            during.setattr(Session, "ingest", interrupted)
            with pytest.raises(KeyboardInterrupt):
                small.refresh([GAS])
    finally:
        signal.signal(signal.SIGINT, before)
    assert small.refresh([GAS]).exit_code == 0
    assert small.rows("SELECT max(stock_gwh) FROM fct_stock_gaz WHERE stock_gwh = 1234.5") == [(1234.5,)]
