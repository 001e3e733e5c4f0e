"""A forecast uses nothing that was not there at the noon of its issue day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.baselines import NAIVE, PERSISTENCE, RTE, references
from dataelec_assets.analysis.prevision.features import (
    IssueTimeError,
    Known,
    calendar_features,
    load_features,
    weather_features,
    weekends_of,
)
from dataelec_assets.analysis.prevision.inputs import MORNING_LABELS, Floats, Territory
from dataelec_assets.analysis.prevision.weather import CLIMATOLOGY, OBSERVED, lagged, normals, weather_by_name
from dataelec_assets.catalog import load_catalog
from tests.analysis.prevision.warehouse import Warehouse
from tests.analysis.prevision.worlds import World, revision, world

ISSUE = 600

# The catalogue expects the newest regional temperature to be this old at most.
DELAY = load_catalog()["temperature-quotidienne-regionale"].expected_lag.days


def _territory(made: World) -> Territory:
    (found,) = Warehouse(made).territories()
    return found


def _features(made: World, horizon: int) -> Floats:
    """Return every feature of the target day that is ``horizon`` days after the issue day, without observed weather."""
    territory = _territory(made)
    weather = weather_by_name(territory, normals(territory))[CLIMATOLOGY]
    matrix = np.column_stack(
        [
            calendar_features(territory),
            load_features(territory, horizon),
            weather_features(weekends_of(territory), horizon, weather),
        ]
    )
    return np.asarray(matrix[ISSUE + horizon])


def _with_another_future(made: World) -> World:
    """Change every reading that the noon of the issue day cannot know, and the weather that is not published yet."""
    load, temperatures = made.load.copy(), made.temperatures.copy()
    # 11:30 ends at noon: it is not there yet.
    load[ISSUE, 23:] *= 3
    load[ISSUE + 1 :] *= 3
    temperatures[ISSUE - DELAY :] += 20
    return World(load, temperatures, made.rte)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_what_comes_after_the_issue_changes_no_feature(horizon: int) -> None:
    made = world()
    known = _features(made, horizon)
    assert not np.isnan(known).any()
    assert np.array_equal(known, _features(_with_another_future(made), horizon))


def test_a_feature_that_is_shifted_by_one_day_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world()

    def shifted(_: Known, values: Floats, days_before: int) -> Floats:
        return lagged(values, days_before - 1)

    monkeypatch.setattr(Known, "whole_day", shifted)
    assert not np.array_equal(_features(made, 1), _features(_with_another_future(made), 1))


def test_one_half_hour_too_many_in_the_morning_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world()
    monkeypatch.setattr("dataelec_assets.analysis.prevision.inputs.MORNING_LABELS", MORNING_LABELS + 1)
    assert not np.array_equal(_features(made, 1), _features(_with_another_future(made), 1))


def test_observed_weather_is_seen_to_be_of_the_future() -> None:
    made, other = (_territory(each) for each in (world(), _with_another_future(world())))
    first, second = (
        weather_features(weekends_of(each), 1, weather_by_name(each, normals(each))[OBSERVED])[ISSUE + 1]
        for each in (made, other)
    )
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_a_day_that_is_not_over_is_refused(horizon: int) -> None:
    known = Known(np.zeros((20, 48)), horizon)
    with pytest.raises(IssueTimeError, match="not over"):
        known.whole_day(np.zeros(20), horizon)
    assert np.isnan(known.whole_day(np.zeros(20), horizon + 1)[: horizon + 1]).all()


@pytest.mark.parametrize("first_changed", [date(2022, 8, 24), date(2022, 7, 29)])
def test_what_was_issued_does_not_depend_on_later_readings(first_changed: date) -> None:
    # Late in a month whose fit is older; and late in the month before, when a week ahead reaches into the next fit.
    made = world()
    load = made.load.copy()
    cut = made.dates.tolist().index(first_changed)
    load[cut, 23:] *= 2
    load[cut + 1 :] *= 2
    temperatures = made.temperatures.copy()
    temperatures[cut - DELAY :] += 20
    first = _forecasts(made)
    second = _forecasts(World(load, temperatures, made.rte))
    issued_before = [key for key in first if key[2] - timedelta(days=key[0]) <= first_changed]
    assert max(key[2] for key in issued_before) == first_changed + timedelta(days=7)
    assert all(np.array_equal(first[key], second[key]) for key in issued_before)
    assert any(not np.array_equal(first[key], second[key]) for key in first.keys() - set(issued_before))


@pytest.mark.parametrize("horizon", HORIZONS)
def test_references_use_nothing_that_comes_after_the_issue(horizon: int) -> None:
    made = world()
    known = references(_territory(made), horizon)
    other = references(_territory(_with_another_future(made)), horizon)
    for name in (PERSISTENCE, NAIVE):
        target = ISSUE + horizon
        assert not np.isnan(known[name][target]).any()
        assert np.array_equal(known[name][target], other[name][target])
    # The newest reading of each label, and the newest whole day of the same weekday.
    load = made.load
    assert np.array_equal(known[PERSISTENCE][target], np.append(load[ISSUE, :23], load[ISSUE - 1, 23:]))
    assert np.array_equal(known[NAIVE][target], load[target - (14 if horizon == 7 else 7)])
    assert (RTE in known) == (horizon == 1)


def test_a_fit_uses_what_was_known_then_not_what_was_revised_later() -> None:
    made = world()
    # Known as it is until a revision of 2023 makes it thrice as large: forecasts of 2022 must not see that.
    load = made.load.copy()
    load[200] *= 3
    seen = datetime(2023, 2, 20, tzinfo=UTC)
    changed = tuple(
        revision(str(made.dates[200]), f"{at // 2:02d}:{30 * (at % 2):02d}", float(made.load[200, at]), seen)
        for at in range(48)
    )
    first = _forecasts(made)
    naive = _forecasts(made.with_load(load))
    honest = _forecasts(World(load, made.temperatures, made.rte, revisions=changed))
    then = [key for key in first if key[2].year == 2022]
    assert all(np.allclose(first[key], honest[key], atol=0.11) for key in then)
    assert any(not np.allclose(first[key], naive[key], atol=5) for key in then)


def test_a_revision_is_known_from_the_first_noon_after_it() -> None:
    late = datetime(2022, 3, 1, 10, 30, tzinfo=UTC)
    twice = (
        revision("2022-01-05", "18:00", 111.0, datetime(2022, 2, 1, tzinfo=UTC)),
        revision("2022-01-05", "18:00", 222.0, late),
    )
    made = world()
    territory = _territory(World(made.load, made.temperatures, made.rte, revisions=twice))
    day = territory.position(np.datetime64("2022-01-05"))
    known = [
        territory.load_known_at(np.datetime64(each))[day, 36] for each in ("2022-01-31", "2022-02-01", "2022-03-01")
    ]
    assert known == [111.0, 222.0, 222.0]
    assert territory.load_known_at(np.datetime64("2022-03-02"))[day, 36] == made.load[day, 36]
    # Lags were read within days: they take what was known first.
    assert territory.first_load[day, 36] == 111.0


def _forecasts(made: World) -> dict[tuple[int, str, date], Floats]:
    table = Warehouse(made).backtest()
    keys = zip(table["horizon_jours"].to_pylist(), table["meteo"].to_pylist(), table["date"].to_pylist(), strict=True)
    return {
        key: np.array(power)
        for key, power in zip(keys, table["prevision_mw"].to_pylist(), strict=True)
        if key[1] == "climatologie"
    }
