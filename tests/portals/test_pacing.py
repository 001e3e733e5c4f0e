"""What a portal grants by its clock is kept, waited for, and made up for when others have used it up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock

import httpx
import pytest

from dataelec_assets.catalog import PORTALS, load_catalog
from dataelec_assets.catalog.portals import Limit, Span
from dataelec_assets.errors import DeadlinePassed, QuotaExceeded
from dataelec_assets.portals import pacing
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.fair_limit import turns_at
from dataelec_assets.portals.open_meteo import weight
from dataelec_assets.portals.open_meteo_archive import OpenMeteoArchivePortal
from dataelec_assets.portals.open_meteo_previous_runs import DAY_BEFORE, OpenMeteoPreviousRunsPortal
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.portals.pacing import Budget, end_of
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.portals.previous_runs_replies import runs
from tests.portals.support import document
from tests.portals.test_open_meteo_archive import days, hours

ARCHIVE = load_catalog()["archives-meteo-regions"]
HISTORY = load_catalog()["historique-previsions-meteo-regions"]
LIMITS = PORTALS["open_meteo_archive"].limits
BEGIN = datetime(2026, 11, 30, 9, 0, 20, tzinfo=UTC)
WORDS = {
    "minute": "Minutely API request limit exceeded. Please try again in one minute.",
    "hour": "Hourly API request limit exceeded. Please try again in the next hour.",
    "day": "Daily API request limit exceeded. Please try again tomorrow.",
}


class Clock:
    """A clock that only goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = BEGIN, 0.0
        self._lock = Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept += seconds
            self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(pacing, "now", lambda: found.now)
    return found


def refused(unit: str) -> httpx.Response:
    return document({"error": True, "reason": WORDS[unit]}, 429)


class Service:
    """An API of Open-Meteo with its rule: what is asked in one minute of its clock weighs 600 at most.

    Args:
        clock: its clock.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.weights: Counter[str] = Counter()
        self.refusals = 0
        self._lock = Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        first, last = (date.fromisoformat(asked[name]) for name in ("start_date", "end_date"))
        count = (last - first).days + 1
        variables = len((asked.get("hourly") or asked["daily"]).split(","))
        places = len(asked["latitude"].split(","))
        weighs = places * max(1, variables / 10, variables / 10 * count / 14)
        with self._lock:
            minute = f"{self.clock.now:%H:%M}"
            if self.weights[minute] + weighs > 600:
                self.refusals += 1
                return refused("minute")
            self.weights[minute] += weighs  # type: ignore[assignment]  # a counter of floats
        if "daily" in asked:
            return document(days(*[8.0] * count, first=first))
        if "previous_day" in asked["hourly"]:
            # Of a month only what it weighs matters here.
            return document([]) if places > 1 else document(runs(first, last, names=(DAY_BEFORE,), codes=("11",))[0])
        return document(hours(first, last, datetime(2099, 1, 1, tzinfo=UTC)))


def archive(
    handler: Callable[[httpx.Request], httpx.Response], clock: Clock, root: str, **options: object
) -> Connection:
    known = {
        "transport": httpx.MockTransport(handler),
        "sleep": clock.sleep,
        "limits": LIMITS,
        "retries": RetryPolicy(attempts=1),
        **options,
    }
    return Connection(f"https://{root}.example", ConnectionOptions(**known))  # type: ignore[arg-type]


def test_a_call_weighs_what_open_meteo_says() -> None:
    assert weight(13, 3, 31) == 13
    assert weight(13, 3, 10) == 13
    assert weight(1, 1, 1428) == pytest.approx(10.2)
    assert weight(2, 20, 7) == 4
    assert weight(2, 20, 28) == 8


def test_the_first_load_of_the_archive_loses_no_month(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataelec_assets.portals.open_meteo_archive._yesterday", lambda: date(2026, 11, 29))
    service = Service(clock)
    with (
        OpenMeteoArchivePortal(archive(service, clock, "first-load")) as client,
        ThreadPoolExecutor(max_workers=4) as pool,
    ):
        months = sorted(client.survey(ARCHIVE, client.metadata(ARCHIVE)).partitions)
        # A second look, as the fetch has a client of its own.
        client.metadata(ARCHIVE)
        list(pool.map(lambda month: client.fetch(ARCHIVE, month, tmp_path / month, lambda _: None), months))
    assert len(months) == 47
    assert {path.name for path in tmp_path.iterdir()} == set(months)
    # All of it is more than a minute grants, and not one call had to be refused.
    assert sum(service.weights.values()) > 600
    assert (service.refusals, max(service.weights.values()) <= 600) == (0, True)
    assert 40 <= clock.slept <= 5 * 60


def test_the_first_load_of_past_forecasts_loses_no_month(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataelec_assets.portals.open_meteo_previous_runs._today", lambda: date(2026, 11, 30))
    # What is asked is whole; what comes is thrown away.
    monkeypatch.setattr("dataelec_assets.portals.open_meteo_previous_runs.place_rows", lambda *_: [])
    monkeypatch.setattr(
        "dataelec_assets.portals.open_meteo_previous_runs._known_between", lambda *_: [("a", "11", "b", "c", "d", "e")]
    )
    service = Service(clock)
    with (
        OpenMeteoPreviousRunsPortal(archive(service, clock, "past-forecasts")) as client,
        ThreadPoolExecutor(max_workers=4) as pool,
    ):
        months = sorted(client.survey(HISTORY, client.metadata(HISTORY)).partitions)
        list(pool.map(lambda month: client.fetch(HISTORY, month, tmp_path / month, lambda _: None), months))
    # The first hours of January 2024 became known at noon of the day before, which is no part of the history.
    assert (months[0], months[-1], len(months)) == ("2024-01", "2026-11", 35)
    assert {path.name for path in tmp_path.iterdir()} == set(months)
    assert 950 <= sum(service.weights.values()) <= 1150
    assert (service.refusals, max(service.weights.values()) <= 600) == (0, True)
    assert 40 <= clock.slept <= 5 * 60


@pytest.mark.parametrize("refusals", [1, 3, 10])
def test_a_minute_that_others_have_used_up_is_waited_for_whatever_the_number_of_attempts(
    clock: Clock, refusals: int
) -> None:
    replies = [*[refused("minute") for _ in range(refusals)], httpx.Response(200, text="ok")]
    asked: list[datetime] = []

    def handler(_: httpx.Request) -> httpx.Response:
        asked.append(clock.now)
        return replies[len(asked) - 1]

    connection = archive(handler, clock, f"others-{refusals}")
    assert connection.ask("https://a.example/x", {}, lambda reply: reply.status_code, dataset_id="x", silence=1) == 200
    assert len({f"{each:%H:%M}" for each in asked}) == refusals + 1
    assert all(each.second < 3 for each in asked[1:])


@pytest.mark.parametrize(
    ("unit", "until"),
    [("hour", datetime(2026, 11, 30, 10, tzinfo=UTC)), ("day", datetime(2026, 12, 1, tzinfo=UTC))],
)
def test_an_hour_or_a_day_that_is_used_up_is_told_and_not_asked_again(clock: Clock, unit: str, until: datetime) -> None:
    asked = 0

    def handler(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return refused(unit)

    connection = archive(handler, clock, f"unit-{unit}")
    for _ in range(2):
        with pytest.raises(QuotaExceeded) as caught:
            connection.ask("https://a.example/x", {}, lambda reply: reply, dataset_id="x", silence=1)
        assert caught.value.reset_at == until
    assert (asked, clock.slept) == (1, 0)


def test_the_time_of_a_source_ends_a_portal_that_refuses_for_ever(clock: Clock) -> None:
    connection = archive(lambda _: refused("minute"), clock, "for-ever", deadline=0.3)
    with pytest.raises(DeadlinePassed):
        connection.ask("https://a.example/x", {}, lambda reply: reply, dataset_id="x", silence=1)


def test_a_budget_counts_by_the_units_of_the_clock(clock: Clock) -> None:
    budget = Budget((Limit(10, "minute", is_weighted=True), Limit(3, "hour"), Limit(1, "day", of_dataset=True)))
    assert budget.take(6) is None
    assert budget.take(6) == datetime(2026, 11, 30, 9, 1, tzinfo=UTC)
    assert budget.take(4) is None
    clock.sleep(40)
    assert budget.take(25) is None  # more than a minute grants: alone in its minute
    assert budget.take(1) == datetime(2026, 11, 30, 10, tzinfo=UTC)
    clock.sleep(3600)
    assert budget.take(1) is None


@pytest.mark.parametrize(
    ("span", "end"),
    [
        ("minute", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)),
        ("hour", datetime(2027, 1, 1, tzinfo=UTC)),
        ("day", datetime(2027, 1, 1, tzinfo=UTC)),
        ("month", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_unit_of_the_clock_ends_where_the_next_begins(span: Span, end: datetime) -> None:
    assert end_of(span, datetime(2026, 12, 31, 23, 58, 30, tzinfo=UTC)) == end


def test_a_data_set_whose_own_quota_is_used_up_is_not_asked_and_the_others_are(clock: Clock) -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        left = "0" if request.url.path == "/a" else "12"
        return httpx.Response(
            200,
            headers={
                "x-ratelimit-dataset-limit": "50000",
                "x-ratelimit-dataset-remaining": left,
                "x-ratelimit-dataset-reset": "2026-12-01 00:00:00+00:00",
            },
        )

    connection = archive(handler, clock, "quota", limits=PORTALS["odre"].limits)

    def ask(name: str) -> int:
        return connection.ask(
            f"https://a.example/{name}", {}, lambda reply: reply.status_code, dataset_id=name, silence=1
        )

    assert (ask("a"), ask("b")) == (200, 200)
    with pytest.raises(QuotaExceeded, match="not asked: the data set's quota of calls is used up") as caught:
        ask("a")
    assert caught.value.reset_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert ask("b") == 200
    clock.sleep(86_400)
    assert ask("a") == 200
    assert asked == ["/a", "/b", "/b", "/a"]


def test_a_portal_is_asked_by_as_many_connections_as_it_bears(tmp_path: Path) -> None:
    ctx = RunContext(Settings(lake=tmp_path, connections=16))
    with ctx.portal("open_meteo_archive"), ctx.portal("odre"):
        assert turns_at("https://archive-api.open-meteo.com", 4)._free == 4
        assert turns_at("https://odre.opendatasoft.com", 16)._free == 16


def test_clients_of_one_portal_share_its_budget(clock: Clock) -> None:
    one = pacing.budget_at("https://shared.example", LIMITS)
    assert one.take(600) is None
    assert pacing.budget_at("https://shared.example", LIMITS).take(1) == clock.now.replace(minute=1, second=0)
    assert pacing.budget_at("https://other.example", LIMITS).take(1) is None
