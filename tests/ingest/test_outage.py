"""A portal that is away for nine days is asked ever less often, and all that it published meanwhile is made up for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dataelec_assets.commands.outcomes import exit_code
from dataelec_assets.commands.status import source_status
from dataelec_assets.ingest.cadence import is_due
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from tests.ingest.other_portals import CONSUMPTION, NOW, Served, portals

pytestmark = pytest.mark.slow


class Days(Served):
    """A lake whose clock is set."""

    def __init__(self, lake: Path, portal: object) -> None:
        super().__init__(lake, portal)  # type: ignore[arg-type]
        self.clock: datetime = NOW
        self.ctx: RunContext = replace(self.ctx, now=lambda: self.clock, retries=RetryPolicy(attempts=1))

    def refresh_when_due(self, until: datetime) -> list[SourceReport]:
        """Refresh as the sensor does, looking every quarter of an hour; return what became of the source."""
        found = []
        while self.clock < until:
            self.clock += timedelta(minutes=15)
            if is_due(CONSUMPTION, load_state(self.ctx.paths, CONSUMPTION), self.clock):
                found.append(self.refresh()[CONSUMPTION.id])
        return found


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Days]:
    with portals() as portal:
        served = Days(tmp_path / "lake", portal)
        served.refresh()
        yield served


def test_nine_days_of_outage_are_survived_told_and_made_up_for(lake: Days) -> None:
    ctx = lake.ctx
    lake.portal.fail("status:503", dataset=CONSUMPTION.id)
    reports = lake.refresh_when_due(NOW + timedelta(days=10))
    assert {each.outcome for each in reports} == {"failed"}
    # The day of its cadence, then some tries within the first hours, then four a day.
    assert 30 <= len(reports) <= 45
    (line,) = [each for each in source_status(ctx)[1] if "has failed since" in each]
    assert line.startswith("Agence ORE has failed since 2026-03-02 12:00 UTC (9 d), 1 data set(s): what was loaded")
    assert exit_code(ctx, reports[-1:]) == 4
    assert lake.rows(CONSUMPTION, "SELECT count(*) FROM lake") == [(24,)]

    lake.portal.heal()
    where = "annee = 2022 and code_commune = '69123' and code_naf is null"
    assert lake.portal.revise(CONSUMPTION.id, where, conso_totale_mwh=1) == 1
    lake.clock += timedelta(hours=6)
    report = lake.refresh()[CONSUMPTION.id]
    assert (report.outcome, report.changed) == ("refreshed", ["2022"])
    state = load_state(ctx.paths, CONSUMPTION)
    assert (state.status, state.failures, state.failing_since) == ("fresh", 0, None)
    assert not [each for each in source_status(ctx)[1] if "has failed since" in each]


def test_a_failure_of_an_hour_is_no_outage_yet(lake: Days) -> None:
    lake.portal.fail("status:503", dataset=CONSUMPTION.id)
    lake.refresh()
    lake.clock += timedelta(hours=1)
    assert not [each for each in source_status(lake.ctx)[1] if "has failed since" in each]
