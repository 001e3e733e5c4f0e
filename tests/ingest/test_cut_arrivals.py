"""Many partitions come with one request; each is proved and kept as if it had come alone.

Longer than 300 lines because each way in which a long reply can go wrong is tried on the same small portal.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.errors import DatasetAbsent, QuotaExceeded
from dataelec_assets.ingest import together
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.downloading import HOPELESS_AFTER
from dataelec_assets.ingest.fetch import fetch_source, refresh_source
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.portals import opendatasoft
from dataelec_assets.portals.client import Together
from dataelec_assets.portals.downloads import CallOff, Cancelled
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.partition_filters import where_of, where_of_span
from dataelec_assets.portals.progress import SilentProgress
from tests.faults.france import GAS, SmallLake
from tests.ingest.conftest import MONTHS, exported, revise
from tests.published import publish

CATALOG = load_catalog()
GAS_SET = CATALOG[GAS]
HALF_HOURS = CATALOG["eco2mix-national-cons-def"]
WHOLE = where_of_span(GAS_SET, MONTHS[0], MONTHS[-1])
MONTH = "2018-06"


def fetch(lake: SmallLake, dataset: str = GAS, progress: Any = None, **options: Any) -> SourceReport:
    ctx = lake.ctx()
    return refresh_source(ctx, ctx.catalog[dataset], progress or SilentProgress(), **options)


def files(lake: SmallLake, *, manifests: bool = True) -> dict[str, str]:
    """Return the content of a lake's raw objects and copies, and what its manifests say beside how it was asked."""
    found = {}
    for folder in (lake.paths.objects, lake.paths.parquet):
        for path in (each for each in folder.rglob("*") if each.is_file()):
            found[str(path.relative_to(lake.root))] = hashlib.sha256(path.read_bytes()).hexdigest()
    for path in lake.paths.manifests.rglob("*.json") if manifests else ():
        content = json.loads(path.read_text(encoding="utf-8"))
        where = f"{content['dataset_id']} {content['partition']}"
        found[where] = str({key: content[key] for key in content if key not in ("parameters", "fetched_at", "is_cut")})
    return found


def hours() -> str:
    """Return hours of sixteen months without the second: changes of the clock, and a year begins and ends inside."""
    instant, lines = datetime(2018, 10, 31, 23, tzinfo=UTC), ["nature;date;heure;date_heure;perimetre;consommation;gaz"]
    while instant < datetime(2020, 2, 29, 23, tzinfo=UTC):
        local = instant.astimezone(ZoneInfo("Europe/Paris"))
        if local.month != 12 or local.year != 2018:
            nature = "Données définitives" if local.year < 2019 else "Données consolidées"
            times = f"{local:%Y-%m-%d};{local:%H:%M};{instant.isoformat()}"
            note = '"France; ""métropole"""' if local.hour == 3 else "France"
            lines.append(f"{nature};{times};{note};{40_000 + instant.hour};{local.day / 4}")
        instant += timedelta(minutes=60)
    return "\n".join(lines) + "\n"


def test_a_first_load_is_one_request_and_the_lake_is_that_of_many(
    bare: SmallLake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    publish(bare.portal, HALF_HOURS, hours())
    found = {}
    for name, least, joined in (("alone", 10_000, 0), ("together", 3, 100_000), ("by the year", 3, 0)):
        monkeypatch.setattr(together, "AT_LEAST", least)
        monkeypatch.setattr(together, "JOINED_ROWS", joined)
        lake = SmallLake(tmp_path / name, bare.portal)
        before = len(bare.portal.calls)
        for dataset in (GAS_SET, HALF_HOURS):
            report = fetch(lake, dataset.id)
            assert (report.error, report.warnings) == (None, [])
            assert refresh_copies(lake.ctx(), dataset, typed=report.typed).rebuilt == report.changed
        calls = Counter(call.name for call in bare.portal.calls[before:] if call.kind == "export")
        found[name] = (files(lake), calls[f"odre/{GAS}"], calls[f"odre/{HALF_HOURS.id}"])
    assert found["alone"][0] == found["together"][0] == found["by the year"][0]
    assert len(found["alone"][0]) > 3 * len(MONTHS)
    # November 2018, the year 2019, January and February 2020.
    assert [calls for _, *calls in found.values()] == [[24, 15], [1, 1], [2, 4]]


def test_each_manifest_has_the_request_that_was_sent(bare: SmallLake) -> None:
    fetch(bare, partitions=[*MONTHS[:3], "2019-12"])
    (first, last) = (bare.ctx().raw.newest(GAS, month) for month in (MONTHS[1], "2019-12"))
    assert first is not None
    assert last is not None
    assert (first.is_cut, first.parameters["where"]) == (True, where_of_span(GAS_SET, MONTHS[0], MONTHS[2]))
    assert (last.is_cut, last.parameters["where"]) == (False, where_of(GAS_SET, "2019-12"))
    assert first.url == last.url
    # The next revision of a month is asked for alone.
    revise(bare, MONTHS[1], 44.5)
    assert fetch(bare, partitions=[MONTHS[1]]).changed == [MONTHS[1]]
    newest = bare.ctx().raw.newest(GAS, MONTHS[1])
    assert newest is not None
    assert (newest.is_cut, newest.parameters["where"]) == (False, where_of(GAS_SET, MONTHS[1]))


def test_an_older_manifest_is_of_a_partition_that_came_alone(bare: SmallLake) -> None:
    fetch(bare)
    for path in bare.paths.manifests.rglob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        del content["is_cut"]
        path.write_text(json.dumps(content), encoding="utf-8")
    newest = bare.ctx().raw.newest(GAS, MONTH)
    assert newest is not None
    assert not newest.is_cut
    assert fetch(bare).outcome == "unchanged"


def test_a_month_that_is_revised_between_its_sums_and_the_export_is_asked_for_again_alone(bare: SmallLake) -> None:
    ctx = bare.ctx()
    (seen,) = observe_sources(ctx, [GAS_SET])
    revise(bare, MONTH, 77.5)
    before = len(bare.portal.calls)
    report = fetch_source(ctx, seen, SilentProgress())
    assert (report.error, report.changed) == (None, list(MONTHS))
    made = bare.portal.calls[before:]
    assert [call.kind for call in made] == ["export", "export", "records"]
    assert exported(bare.portal) == [WHOLE, where_of(GAS_SET, MONTH)]
    newest = ctx.raw.newest(GAS, MONTH)
    assert newest is not None
    assert (newest.is_cut, "77.5" in str(newest.fingerprint)) == (False, False)
    assert fetch(bare).changed == []


def test_a_bad_row_costs_its_month_and_no_other(bare: SmallLake) -> None:
    bare.portal.revise(GAS, f"date = date'{MONTH}-01' and pits = 'Est'", pits=None)
    report = fetch(bare)
    assert report.fault == "ContractViolation"
    assert [each.partition for each in report.fetched] == [month for month in MONTHS if month != MONTH]
    assert exported(bare.portal) == [WHOLE, where_of(GAS_SET, MONTH)]
    bare.portal.revise(GAS, f"date = date'{MONTH}-01' and pits is null", pits="Est")
    assert fetch(bare).changed == [MONTH]


@pytest.mark.parametrize("fault", ["truncate_clean", "one_digit", "doubles"])
def test_an_export_that_ends_properly_and_is_wrong_leaves_only_what_its_sums_prove(bare: SmallLake, fault: str) -> None:
    bare.portal.fail(fault, dataset=GAS, kind="export", times=1)
    report = fetch(bare)
    assert (report.error, report.changed) == (None, list(MONTHS))
    (first, *others) = exported(bare.portal)
    assert first == WHOLE
    # Half of the rows in the place of the others spoils every month; a digit spoils one.
    assert {"one_digit": 1, "doubles": len(MONTHS)}.get(fault, len(others)) == len(others) > 0
    healthy = SmallLake(bare.root.parent / f"healthy-{fault}", bare.portal)
    bare.portal.heal()
    assert fetch(healthy).error is None
    assert files(bare, manifests=False) == files(healthy, manifests=False)


def test_a_stream_that_breaks_off_keeps_the_months_that_were_whole_and_the_next_refresh_asks_for_the_rest(
    bare: SmallLake,
) -> None:
    bare.portal.fail("truncate", dataset=GAS, kind="export")
    report = fetch(bare)
    kept = [each.partition for each in report.fetched]
    assert report.fault == "IncompleteExport"
    assert 0 < len(kept) < len(MONTHS)
    assert bare.ctx().raw.partitions(GAS_SET) == kept == report.changed
    bare.portal.heal()
    before = len(exported(bare.portal))
    again = fetch(bare)
    rest = [month for month in MONTHS if month not in kept]
    assert (again.error, again.changed) == (None, rest)
    assert exported(bare.portal)[before:] == [where_of_span(GAS_SET, rest[0], rest[-1])]


def test_a_portal_that_refuses_a_span_is_asked_by_the_month(bare: SmallLake) -> None:
    bare.portal.fail("status:403", dataset=GAS, kind="export", times=1)
    report = fetch(bare)
    assert (report.error, report.changed) == (None, list(MONTHS))
    first, *others = exported(bare.portal)
    assert first == WHOLE
    assert sorted(others) == [where_of(GAS_SET, month) for month in MONTHS]


def test_a_quota_that_is_used_up_ends_the_work(bare: SmallLake) -> None:
    bare.portal.fail("status:429-quota", dataset=GAS, kind="export")
    report = fetch(bare)
    assert (report.fault, report.fetched, report.warnings) == ("QuotaExceeded", [], [])
    assert exported(bare.portal) == [WHOLE]


def test_after_a_quota_that_does_not_say_when_it_ends_nothing_more_is_asked(
    bare: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def spent(_: object, dataset: Dataset, drafts: dict[str, Path], *__: object) -> Together:
        asked.append(min(drafts))
        return Together({}, fault=QuotaExceeded("used up", dataset_id=dataset.id, reset_at=None))

    def alone(*_: object) -> None:
        pytest.fail("a month was asked for")

    monkeypatch.setattr(together, "JOINED_ROWS", 0)
    monkeypatch.setattr(OpendatasoftPortal, "fetch_together", spent)
    monkeypatch.setattr(OpendatasoftPortal, "fetch", alone)
    ctx = bare.ctx()
    report = refresh_source(replace(ctx, settings=replace(ctx.settings, connections=1)), GAS_SET, SilentProgress())
    assert (report.fault, asked, report.warnings) == ("QuotaExceeded", ["2018-01"], [])


def test_a_stream_that_is_too_slow_ends_with_the_time_and_what_was_whole_is_kept(bare: SmallLake) -> None:
    bare.portal.fail("stall:30", dataset=GAS, kind="export")
    ctx = bare.ctx()
    ctx = replace(ctx, settings=replace(ctx.settings, source_deadline=2))
    began = time.monotonic()
    report = refresh_source(ctx, GAS_SET, SilentProgress())
    assert time.monotonic() - began < 15
    assert report.fault == "DeadlinePassed"
    assert 0 < len(report.fetched) < len(MONTHS)
    assert f"{len(report.fetched)} of 24 partition(s) were fetched before" in str(report.error)
    bare.portal.heal()
    assert len(fetch(bare).changed) == len(MONTHS) - len(report.fetched)


def test_rows_that_lie_outside_are_told_and_take_nothing_away(bare: SmallLake, monkeypatch: pytest.MonkeyPatch) -> None:
    table = bare.portal.tables.named(GAS).sql
    bare.portal.tables.query(f"INSERT INTO {table} VALUES (NULL, 1, 'x', 'x'), (DATE '2035-01-01', 1, 'x', 'x')")
    # A portal that does not honour the filter.
    monkeypatch.setattr(opendatasoft, "where_of_span", lambda *_: "pits is not null")
    report = fetch(bare)
    assert (report.error, report.changed) == (None, list(MONTHS))
    assert "2 row(s) came with 2018-01 … 2019-12 that lie outside; they are not loaded" in report.warnings


def test_many_bad_months_end_the_asking(bare: SmallLake) -> None:
    bare.portal.revise(GAS, "pits = 'Est'", pits=None)
    report = fetch(bare)
    assert (report.fault, report.fetched) == ("ContractViolation", [])
    connections = bare.ctx().settings.connections
    assert 1 + HOPELESS_AFTER <= len(exported(bare.portal)) <= 1 + HOPELESS_AFTER + connections
    assert any("further partition(s) were not asked for" in each for each in report.warnings)


def test_a_column_that_is_missing_is_seen_before_a_year_is_asked_for(bare: SmallLake) -> None:
    bare.portal.tables.rename(GAS, "pits", "point")
    report = fetch(bare)
    assert report.fault == "ContractViolation"
    assert WHOLE not in exported(bare.portal)


def test_a_set_that_is_gone_meanwhile_is_absent(bare: SmallLake) -> None:
    ctx = bare.ctx()
    (seen,) = observe_sources(ctx, [GAS_SET])
    bare.portal.tables.remove(GAS)
    report = fetch_source(ctx, seen, SilentProgress())
    assert (report.outcome, report.fault) == ("absent", DatasetAbsent.__name__)


class Shown(SilentProgress):
    """Notes what is shown."""

    def __init__(self) -> None:
        self.tasks: list[int] = []
        self.bytes = 0
        self.ended: list[tuple[str, bool]] = []

    def begin(self, title: str, tasks: int) -> None:
        assert title == GAS
        self.tasks.append(tasks)

    def received(self, count: int) -> None:
        self.bytes += count

    def done(self, label: str, error: Exception | None) -> None:
        self.ended.append((label, error is None))


def test_progress_counts_partitions_and_the_bytes_that_came(bare: SmallLake) -> None:
    bare.portal.revise(GAS, f"date = date'{MONTH}-01' and pits = 'Est'", pits=None)
    shown = Shown()
    report = fetch(bare, progress=shown)
    assert shown.tasks == [len(MONTHS)]
    assert sorted(shown.ended) == sorted((f"{GAS} {month}", month != MONTH) for month in MONTHS)
    objects = [bare.ctx().raw.newest(GAS, each.partition) for each in report.fetched]
    kept = sum(each.bytes for each in objects if each)
    header = len("date;stock_fin_de_journee;source;pits\r\n")
    # One header for all of them, and twice the month that was asked for again.
    assert kept - (len(objects) - 1) * header < shown.bytes < kept


def test_work_that_is_called_off_ends_between_two_partitions(bare: SmallLake) -> None:
    ctx, called_off = bare.ctx(), CallOff()
    (seen,) = observe_sources(ctx, [GAS_SET])

    class Stopping(Shown):
        def done(self, label: str, error: Exception | None) -> None:
            super().done(label, error)
            if len(self.ended) == 5:
                called_off.set()

    with pytest.raises(Cancelled):
        fetch_source(ctx, seen, Stopping(), called_off=called_off)
    assert len(ctx.raw.partitions(GAS_SET)) == 5
    assert [path.suffix for path in ctx.paths.temporary.glob("*.zst")] == []
    assert fetch(bare).changed == list(MONTHS[5:])


@pytest.fixture
def stopped(bare: SmallLake) -> Callable[[Callable[[], bool]], None]:
    """Give what kills a refresh with the ninth signal once it has come as far as is wanted."""

    def kill_when(has_come: Callable[[], bool]) -> None:
        process = bare.dataelec("refresh", "--quiet", "--source", GAS)
        try:
            end = time.monotonic() + 300
            while not has_come() and time.monotonic() < end and process.poll() is None:
                time.sleep(0.05)
            assert process.poll() is None
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            bare.portal.heal()

    return kill_when


@pytest.mark.slow
def test_a_refresh_that_is_killed_in_the_middle_of_a_year_asks_for_it_again(
    bare: SmallLake, stopped: Callable[[Callable[[], bool]], None]
) -> None:
    bare.portal.fail("stall:600", dataset=GAS, kind="export")
    began: list[float] = []

    def is_streaming() -> bool:
        if exported(bare.portal) and not began:
            began.append(time.monotonic())
        return bool(began) and time.monotonic() - began[0] > 1

    stopped(is_streaming)
    assert bare.ctx().raw.partitions(GAS_SET) == []
    assert fetch(bare).changed == list(MONTHS)
    assert exported(bare.portal) == [WHOLE, WHOLE]
    assert list(bare.paths.temporary.glob("*.csv.zst")) == []


@pytest.mark.parametrize("fault", ["", "truncate", "html_200", "truncate_clean"])
def test_the_drafts_of_a_request_are_gone_however_it_ends(bare: SmallLake, fault: str) -> None:
    if fault:
        bare.portal.fail(fault, dataset=GAS, kind="export")
    fetch(bare)
    assert list(bare.paths.temporary.glob("*.csv.zst")) == []
