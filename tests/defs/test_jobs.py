"""The job `refresh` does what is stale in one run, and records it partition by partition.

Longer than 300 lines because these tests share one Dagster instance and one lake, which are dear to make.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from dataelec_assets.catalog import Catalog
from dataelec_assets.defs.build import build_definitions
from dataelec_assets.defs.jobs import QUIET, REFRESH, WAREHOUSE, run_config_of
from dataelec_assets.defs.schedules import schedules
from dataelec_assets.defs.sensors import stale_sources
from dataelec_assets.defs.tables import Tables
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.lake.locks import refreshing
from dataelec_assets.lake.state import SourceState, load_state, save_state
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse import build
from dataelec_assets.warehouse.parse import ensure_parse
from tests.faults.france import GAS, REAL_TIME, SOURCES, TEMPERATURE, SmallLake
from tests.faults.test_kept import without_memory

_OTHERS = {"source", "raw", "lake"}


class Dagster:
    """Definitions and an instance of their own."""

    def __init__(self, ctx: RunContext, instance: dg.DagsterInstance) -> None:
        self.ctx = ctx
        self.instance = instance
        self.definitions = build_definitions(ctx)
        self.tables = Tables(ctx.catalog, ensure_parse(ctx.paths).manifest_json)

    def run(self, *sources: str, job: str = REFRESH) -> tuple[bool, Counter[tuple[str, str | None]]]:
        """Run a job; return whether it ended well, and how often each asset and partition was materialised."""
        config = run_config_of(sources, observe=job == REFRESH, report=False)
        result = self.definitions.resolve_job_def(job).execute_in_process(
            run_config={**config, **QUIET}, instance=self.instance, raise_on_error=False
        )
        return result.success, self.made(result.run_id)

    def made(self, run_id: str) -> Counter[tuple[str, str | None]]:
        """Return how often a run has materialised each asset and partition."""
        made: Counter[tuple[str, str | None]] = Counter()
        for event in self.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
            materialization = event.asset_materialization
            assert materialization is not None
            made["/".join(materialization.asset_key.path), materialization.partition] += 1
        return made

    def tick(self, at: datetime, cursor: str | None = None) -> dg.SensorResult:
        """Evaluate the sensor at an instant."""
        later = replace(self.ctx, now=lambda: at)
        sensor = stale_sources(Catalog([later.catalog[each] for each in SOURCES]), self.tables)
        context = dg.build_sensor_context(self.instance, cursor=cursor, resources={"ctx": later})
        found: Any = sensor(context)
        assert isinstance(found, dg.SensorResult)
        return found


@pytest.fixture
def dagster(small: SmallLake) -> Iterator[Dagster]:
    """Return Dagster on a lake that the command line has loaded, with the record of that run."""
    with dg.DagsterInstance.get() as instance:
        yield Dagster(small.ctx(), instance)


def requested(result: dg.SensorResult) -> list[str]:
    """Return the sources that the runs of a tick are for."""
    return [
        source
        for request in result.run_requests or []
        for source in request.run_config["ops"]["observe"]["config"]["sources"]
    ]


def asked_at(small: SmallLake) -> datetime:
    """Return when the portals were asked last."""
    ctx = small.ctx()
    return max(datetime.fromisoformat(load_state(ctx.paths, ctx.catalog[each]).checked_at or "") for each in SOURCES)


def test_one_run_loads_everything_and_a_revision_touches_one_month_and_its_descendants(
    small: SmallLake, dagster: Dagster
) -> None:
    (first,) = dagster.instance.get_run_records()
    assert first.dagster_run.tags["dataelec/cause"] == "dataelec refresh"
    made = dagster.made(first.dagster_run.run_id)
    assert max(made.values()) == 1
    for partition in ("2023-01", "2023-02"):
        for layer in ("raw", "lake"):
            assert (f"{layer}/temperature_quotidienne_regionale", partition) in made
    assert ("fct_eco2mix_national", "2023-11") in made
    assert ("fct_eco2mix_national", "2023-12") in made
    assert ("publication", None) in made

    assert small.portal.revise(REAL_TIME, "date_heure > '2023-12-01T10:00:00+01:00'", solaire=1) > 0
    before = small.portal.counted()
    success, made = dagster.run(*SOURCES)
    assert success
    for name in ("raw/eco2mix_national_tr", "lake/eco2mix_national_tr", "fct_eco2mix_national", "fct_revisions"):
        assert [partition for each, partition in made if each == name] == ["2023-12"]
    assert {name for name, _ in made if name.split("/")[0] in _OTHERS} == {
        "raw/eco2mix_national_tr",
        "lake/eco2mix_national_tr",
    }
    assert not {name for name, _ in made} & {"fct_stock_gaz", "fct_temperature_regionale", "stg_odre__stock"}
    after = small.portal.counted()
    for source in SOURCES:
        spent = {
            kind: count - before.get(f"odre/{source}", {}).get(kind, 0)
            for kind, count in after[f"odre/{source}"].items()
        }
        assert spent["metadata"] == 1, source
        assert spent.get("export", 0) == (1 if source == REAL_TIME else 0)
        assert spent.get("records", 0) <= (2 if source == REAL_TIME else 0)

    assert dagster.run(*SOURCES) == (True, Counter())


def test_a_copy_shows_its_rows_its_span_its_vintage_and_a_preview(dagster: Dagster) -> None:
    key = dg.AssetKey(["lake", "stock_quotidien_stockages_gaz"])
    (record,) = dagster.instance.fetch_materializations(
        dg.AssetRecordsFilter(key, asset_partitions=["2023-02"]), limit=1
    ).records
    shown = record.asset_materialization
    assert shown is not None
    metadata = {name: value.value for name, value in shown.metadata.items()}
    assert metadata["dagster/partition_row_count"] == 28 * 6
    assert metadata["dagster/row_count"] == 59 * 6
    assert (metadata["premiere_valeur"], metadata["derniere_valeur_mesuree"]) == ("2023-02-01", "2023-02-28")
    newest = dagster.ctx.raw.newest(GAS, "2023-02")
    assert newest is not None
    assert metadata["version_brute"] == newest.sha256[:16]
    head, _, first, *_ = str(metadata["apercu"]).splitlines()
    assert head.startswith("| date |")
    assert first.startswith("| 2023-02-01 |")


def test_the_age_is_that_of_what_has_just_been_copied(dagster: Dagster) -> None:
    check = dg.AssetCheckKey(dg.AssetKey(["lake", "stock_quotidien_stockages_gaz"]), "age_des_mesures")
    records = dagster.instance.event_log_storage.get_asset_check_execution_history(check, limit=1)
    event = records[0].event
    assert event is not None
    evaluation = event.dagster_event.asset_check_evaluation_data if event.dagster_event else None
    assert evaluation is not None
    assert evaluation.metadata["derniere_valeur_mesuree"].value == "2023-02-28"


def test_a_failing_source_makes_the_run_red_and_holds_back_nothing(small: SmallLake, dagster: Dagster) -> None:
    small.revise(TEMPERATURE, GAS)
    small.fault("html_200", TEMPERATURE)
    success, made = dagster.run(*SOURCES)
    assert not success
    assert ("publication", None) in made
    assert ("lake/stock_quotidien_stockages_gaz", "2023-02") in made
    assert not {name for name, _ in made} & {"raw/temperature_quotidienne_regionale"}
    checks = dagster.instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [dg.AssetCheckKey(dg.AssetKey(["raw", "temperature_quotidienne_regionale"]), "arrival_is_complete")]
    )
    assert [record.status.value for record in checks.values()] == ["FAILED"]
    assert small.rows(f"SELECT statut FROM meta_sources WHERE jeu_de_donnees = '{TEMPERATURE}'") == [("en échec",)]


def test_the_job_of_the_tables_asks_no_portal(small: SmallLake, dagster: Dagster) -> None:
    small.paths.served_file.unlink()
    calls = small.portal.counted()
    success, made = dagster.run(job=WAREHOUSE)
    assert success
    assert ("publication", None) in made
    assert small.portal.counted() == calls


def test_the_sensor_requests_what_is_stale_and_asks_again_by_cadence(small: SmallLake, dagster: Dagster) -> None:
    start = asked_at(small)
    quiet = dagster.tick(start + timedelta(minutes=1))
    assert requested(quiet) == []
    assert quiet.skip_reason is not None

    # All has been asked within the quarter of an hour: a revision is seen when its source is due.
    small.revise(GAS, REAL_TIME)
    calls = small.portal.counted()
    assert requested(dagster.tick(start + timedelta(minutes=5))) == []
    assert small.portal.counted() == calls
    assert requested(dagster.tick(start + timedelta(minutes=17))) == [REAL_TIME]
    assert GAS in requested(dagster.tick(start + timedelta(hours=7)))


def test_a_source_that_fails_is_requested_again_with_growing_patience(small: SmallLake, dagster: Dagster) -> None:
    small.revise(GAS)
    small.fault("status:403", GAS)
    assert not dagster.run(GAS)[0]
    dataset = dagster.ctx.catalog[GAS]
    state = load_state(small.paths, dataset)
    assert (state.status, state.failures) == ("failed", 1)
    failed_at = datetime.fromisoformat(state.checked_at or "")
    assert requested(dagster.tick(failed_at + timedelta(minutes=4))) == []
    assert requested(dagster.tick(failed_at + timedelta(minutes=6))) == [GAS]
    # The tick has asked the portal, which answered; what it owes has not arrived, so the count goes on.
    assert not dagster.run(GAS)[0]
    state = load_state(small.paths, dataset)
    assert state.failures == 2
    failed_at = datetime.fromisoformat(state.checked_at or "")
    assert requested(dagster.tick(failed_at + timedelta(minutes=9))) == []
    small.portal.heal()
    assert requested(dagster.tick(failed_at + timedelta(minutes=11))) == [GAS]
    assert dagster.run(GAS)[0]
    assert load_state(small.paths, dataset).failures == 0


def test_the_sensor_waits_for_a_refresh_that_is_running(small: SmallLake, dagster: Dagster) -> None:
    with refreshing(small.paths):
        result = dagster.tick(datetime.now(UTC))
    assert "is running" in str(result.skip_reason)
    assert small.portal.counted() == {}


def test_a_run_whose_process_was_killed_is_declared_dead_and_does_not_block_the_sensor(
    small: SmallLake, dagster: Dagster
) -> None:
    small.revise(*SOURCES)
    now = asked_at(small) + timedelta(hours=7)
    job = dagster.definitions.resolve_job_def(REFRESH)
    run = dagster.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    created = datetime.now(UTC)
    assert "about to start" in str(dagster.tick(created).skip_reason)
    later = dagster.tick(max(now, created + timedelta(minutes=10)))
    assert set(requested(later)) == set(SOURCES)
    dead = dagster.instance.get_run_by_id(run.run_id)
    assert dead is not None
    assert dead.status == dg.DagsterRunStatus.FAILURE


def test_a_copy_that_a_killed_run_has_not_made_is_requested_before_the_source_is_due(
    small: SmallLake, dagster: Dagster
) -> None:
    start = asked_at(small)
    small.revise(GAS)
    dataset = dagster.ctx.catalog[GAS]
    assert refresh_source(dagster.ctx, dataset, SilentProgress()).changed  # and no copy: the run was killed here
    fetched_at = datetime.fromisoformat(load_state(small.paths, dataset).checked_at or "")
    assert requested(dagster.tick(fetched_at + timedelta(minutes=4))) == []
    assert requested(dagster.tick(fetched_at + timedelta(minutes=6))) == [GAS]
    assert fetched_at + timedelta(minutes=6) < start + timedelta(hours=2)  # when gas is due
    assert dagster.run(GAS)[0]
    assert requested(dagster.tick(fetched_at + timedelta(minutes=14))) == []


def test_a_lake_that_was_never_loaded_is_requested_whole_in_one_run(empty: SmallLake) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        first = Dagster(empty.ctx(), instance).tick(datetime.now(UTC))
    assert set(requested(first)) == set(SOURCES)
    assert len(first.run_requests or []) == 1


def test_a_table_that_cannot_be_made_is_tried_again_with_growing_patience(
    small: SmallLake, dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.revise(GAS)
    monkeypatch.setattr(build, "run_dbt", without_memory)
    assert not dagster.run(GAS)[0]
    now = datetime.now(UTC)
    assert not dagster.tick(now + timedelta(minutes=3)).run_requests
    (request,) = dagster.tick(now + timedelta(minutes=6)).run_requests or []
    asked = request.run_config["ops"]["observe"]["config"]
    assert asked == {"sources": [], "observe": False}


def test_a_run_that_puts_something_into_quarantine_is_red_and_not_requested_again(
    small: SmallLake, dagster: Dagster
) -> None:
    small.portal.revise(GAS, "date >= date'2023-02-01'", stock_fin_de_journee=-1)
    assert not dagster.run(GAS)[0]
    assert small.rows("SELECT partition FROM meta_quarantaine") == [("2023-02",)]
    assert not dagster.tick(datetime.now(UTC) + timedelta(minutes=6)).run_requests


def test_what_was_checked_and_has_not_changed_is_recorded_again_so_that_it_stays_fresh(
    small: SmallLake, dagster: Dagster
) -> None:
    start = asked_at(small)
    later = dagster.tick(start + timedelta(days=17))  # more than half of 32 days
    kept = {
        event.asset_key.path[-1]: event for event in later.asset_events if isinstance(event, dg.AssetMaterialization)
    }
    assert {"stock_quotidien_stockages_gaz", "temperature_quotidienne_regionale"} <= kept.keys()
    assert "fct_stock_gaz" in kept
    assert kept["fct_stock_gaz"].metadata["issue"].value == "vérifié, inchangé"
    assert all(event.partition is None for event in kept.values())
    # A source that has failed leaves its copies to grow old.
    small.revise(GAS)
    small.fault("status:403", GAS)
    dagster.run(GAS)
    after = dagster.tick(start + timedelta(days=34))
    assert "stock_quotidien_stockages_gaz" not in {
        event.asset_key.path[-1] for event in after.asset_events if isinstance(event, dg.AssetMaterialization)
    }


def test_a_table_is_kept_fresh_by_the_fastest_of_its_sources(small: SmallLake, dagster: Dagster) -> None:
    start = asked_at(small)
    # The consolidated set, which shares a table with the real-time one, is asked four times a day only.
    slow = dagster.ctx.catalog["eco2mix-national-cons-def"]
    save_state(small.paths, slow, SourceState(status="fresh", checked_at=start.isoformat()))
    kept = {
        event.asset_key.path[-1]
        for event in dagster.tick(start + timedelta(minutes=45)).asset_events
        if isinstance(event, dg.AssetMaterialization)
    }
    assert {"eco2mix_national_tr", "fct_eco2mix_national"} <= kept


def test_the_age_of_measures_is_judged_again_when_the_verdict_changes(dagster: Dagster) -> None:
    def verdicts(at: datetime, cursor: str | None = None) -> tuple[dict[str, bool], str | None]:
        result = dagster.tick(at, cursor)
        found = {
            event.asset_key.path[-1]: event.passed
            for event in result.asset_events
            if isinstance(event, dg.AssetCheckEvaluation) and event.check_name == "age_des_mesures"
        }
        return found, result.cursor

    young = datetime(2023, 3, 1, tzinfo=UTC)
    first, cursor = verdicts(young)
    assert first["stock_quotidien_stockages_gaz"]
    assert verdicts(young + timedelta(minutes=1), cursor)[0] == {}
    old, _ = verdicts(young + timedelta(days=70), cursor)
    assert old["stock_quotidien_stockages_gaz"] is False


def test_schedules_cover_every_data_set_once(dagster: Dagster) -> None:
    names = {schedule.name for schedule in dagster.definitions.schedules or []}
    cadences = {"real_time", "present_weather", "weather", "daily", "monthly", "yearly"}
    assert names == {*cadences, "audit"}
    asked: list[str] = []
    for name in cadences:
        (schedule,) = (each for each in schedules(dagster.ctx.catalog) if each.name == name)
        context = dg.build_schedule_context(dagster.instance, scheduled_execution_time=datetime.now(UTC))
        data = schedule.evaluate_tick(context)
        asked += [
            source
            for request in data.run_requests or []
            for source in request.run_config["ops"]["observe"]["config"]["sources"]
        ]
    assert sorted(asked) == sorted(dagster.ctx.catalog)


def test_the_audit_is_asked_for_each_month_of_all_sources(dagster: Dagster) -> None:
    (schedule,) = (each for each in schedules(dagster.ctx.catalog) if each.name == "audit")
    context = dg.build_schedule_context(dagster.instance, scheduled_execution_time=datetime.now(UTC))
    (request,) = schedule.evaluate_tick(context).run_requests or []
    asked = request.run_config["ops"]["observe"]["config"]
    assert asked == {"sources": [], "audit": True}
    assert schedule.cron_schedule == "13 3 2 * *"
