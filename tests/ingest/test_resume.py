"""A refresh that dies resumes where it stopped: what has arrived is neither fetched again nor forgotten."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dataelec_assets.ingest import fetch as fetching
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.observe import observe_sources, remembered_plan
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.state import load_memory
from dataelec_assets.portals.partition_filters import where_of_span
from dataelec_assets.portals.progress import SilentProgress
from tests.faults.france import GAS, SmallLake
from tests.ingest.conftest import LOADED, MONTHS, revise
from tests.portals.support import plain

MONTH = "2018-06"


class Died(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


@contextmanager
def dying(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the process die as soon as it would write down what it has fetched."""

    def deadly(*_: object) -> None:
        raise Died

    with patch.context() as during:
        during.setattr(fetching, "save_memory", deadly)
        with pytest.raises(Died):
            yield


def fetch(bare: SmallLake, **options: Any) -> SourceReport:
    ctx = bare.ctx()
    return refresh_source(ctx, ctx.catalog[GAS], SilentProgress(), **options)


def exported(bare: SmallLake) -> int:
    return bare.portal.asked(f"odre/{GAS}", "export")


def stocks(bare: SmallLake) -> list[str]:
    """Return the published lines of the newest vintage of the month."""
    raw = bare.ctx().raw
    newest = raw.newest(GAS, MONTH)
    assert newest is not None
    return sorted(plain(raw.check(newest.sha256)).decode().splitlines())


def test_what_had_arrived_is_not_fetched_again(bare: SmallLake, monkeypatch: pytest.MonkeyPatch) -> None:
    with dying(monkeypatch):
        fetch(bare, partitions=MONTHS[:7])
    assert exported(bare) == 1
    report = fetch(bare)
    assert report.error is None
    assert [each.partition for each in report.fetched] == list(MONTHS[7:])
    assert exported(bare) == 2


def test_what_had_arrived_is_known_before_the_portal_is_asked_again(
    bare: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = bare.ctx()
    dataset = ctx.catalog[GAS]
    observe_sources(ctx, [dataset])
    assert len(remembered_plan(ctx, dataset).to_fetch) == len(MONTHS)
    with dying(monkeypatch):
        fetch(bare, partitions=MONTHS[:7])
    assert [each.partition for each in remembered_plan(ctx, dataset).to_fetch] == list(MONTHS[7:])


def test_a_revision_that_arrived_and_was_withdrawn_does_not_stay(
    bare: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fetch(bare).error is None
    published = stocks(bare)
    revise(bare, MONTH, 999)
    with dying(monkeypatch):
        fetch(bare)
    assert any("999" in line for line in stocks(bare))

    revise(bare, MONTH, 5.5)
    report = fetch(bare)

    assert [(each.partition, each.reason) for each in report.fetched] == [(MONTH, "revised")]
    assert stocks(bare) == published


def test_what_was_fetched_and_was_not_new_is_known_to_the_memory(bare: SmallLake) -> None:
    assert fetch(bare).error is None
    ctx = bare.ctx()
    dataset = ctx.catalog[GAS]
    known = load_memory(ctx.paths, dataset)
    # Fetched again as a contract that sums other measures asks for: the bytes are those of before.
    for path in ctx.paths.manifests.rglob("*.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("[2,2,", "[2,1,"), encoding="utf-8")
    (ctx.paths.state / "partitions" / f"{GAS}.json").unlink()
    assert load_memory(ctx.paths, dataset).lake != known.lake
    bare.portal.tables.touch(GAS)
    assert len(fetch(bare).fetched) == len(MONTHS)
    assert load_memory(ctx.paths, dataset).lake == known.lake
    bare.portal.tables.touch(GAS)
    report = fetch(bare)
    assert (report.outcome, report.fetched) == ("checked", [])


def test_a_killed_refresh_has_only_the_rest_to_fetch(loaded: SmallLake) -> None:
    missing = [month for month in MONTHS if month not in LOADED]
    # The rows of one month are doubled. The portal is asked about them, and does not answer until the kill.
    half = missing.index("2018-12")
    assert half % 12, "half-way lies between two writings of the memory"
    loaded.portal.tables.repeat(GAS, f"date = date'{missing[half]}-01'", 2)
    loaded.portal.fail("hang:600", dataset=GAS, kind="records", after=1)
    manifests = loaded.paths.manifests / GAS
    known = set(manifests.rglob("*.json"))
    process = loaded.dataelec("refresh", "--quiet", "--source", GAS)
    try:
        end = time.monotonic() + 300
        while len({*manifests.rglob("*.json")} - known) < half and time.monotonic() < end and process.poll() is None:
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    loaded.portal.heal()
    assert len({*manifests.rglob("*.json")} - known) == half
    calls = loaded.portal.calls
    dataset = loaded.ctx().catalog[GAS]
    first = [call.parameters["where"] for call in calls if call.kind == "export"]
    assert first == [where_of_span(dataset, missing[0], missing[-1])]

    process = loaded.dataelec("refresh", "--quiet", "--source", GAS)
    _, said = process.communicate()
    assert process.returncode == 0, said
    made = loaded.portal.calls[len(calls) :]
    # What the portal holds is remembered from the first run: no grouped call but that of the doubled rows.
    assert Counter(call.kind for call in made) == {"metadata": 1, "export": 1, "records": 1}
    # Only what had not arrived is asked for.
    (second,) = [call.parameters["where"] for call in made if call.kind == "export"]
    assert second == where_of_span(dataset, missing[half], missing[-1])
    assert loaded.rows("SELECT count(DISTINCT strftime(date, '%Y-%m')) FROM fct_stock_gaz") == [(len(MONTHS),)]
