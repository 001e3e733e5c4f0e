"""What stands in for the weather that is not known yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dataelec_assets.analysis.prevision.days import christmas, fictitious_labels, instant_of, month_and_day, summer_time
from dataelec_assets.analysis.prevision.inputs import Territory
from dataelec_assets.analysis.prevision.weather import (
    CLIMATOLOGY,
    MEAN,
    OBSERVED,
    TEMPERATURE_DELAY_DAYS,
    Weather,
    normals,
    weather_by_name,
)
from dataelec_assets.catalog import load_catalog
from tests.analysis.prevision.warehouse import Warehouse
from tests.analysis.prevision.worlds import World, world


def _territory(made: World) -> Territory:
    (found,) = Warehouse(made).territories()
    return found


def _weathers(territory: Territory) -> dict[str, Weather]:
    return weather_by_name(territory, normals(territory))


def test_normals_come_from_what_was_published_and_need_a_year() -> None:
    made = world()
    normal = normals(_territory(made))
    known = ~np.isnan(normal[:, MEAN])
    first = int(np.flatnonzero(known)[0])
    # 365 days, and before the month begins a week, a day and the delay of publication.
    assert 365 + 8 + TEMPERATURE_DELAY_DAYS <= first <= 365 + 8 + TEMPERATURE_DELAY_DAYS + 31
    later = made.temperatures.copy()
    later[600:] += 30
    again = normals(_territory(replace(made, temperatures=later)))
    assert np.array_equal(normal[first:600], again[first:600])
    assert not np.array_equal(normal[-20:], again[-20:])
    # The made-up year is 12 °C on average, 9 °C more or less.
    assert normal[known, MEAN].max() == pytest.approx(21, abs=2.5)


def test_the_delay_is_that_of_the_catalogue() -> None:
    assert load_catalog()["temperature-quotidienne-regionale"].expected_lag.days == TEMPERATURE_DELAY_DAYS


def test_climatology_is_the_normal_of_each_day() -> None:
    territory = _territory(world())
    found = _weathers(territory)[CLIMATOLOGY]
    assert np.array_equal(found.temperatures, normals(territory), equal_nan=True)


def test_observed_weather_is_what_was_measured() -> None:
    made = world()
    found = _weathers(_territory(made))[OBSERVED]
    assert np.array_equal(found.temperatures[:-8], made.temperatures[:-8])
    # Walls remember four fifths of yesterday.
    assert found.memory[100] == pytest.approx(0.8 * found.memory[99] + 0.2 * made.temperatures[100, MEAN])


def test_a_short_gap_is_bridged_from_the_day_before_and_a_long_one_is_not() -> None:
    made = world()
    temperatures = made.temperatures.copy()
    temperatures[500] = np.nan
    temperatures[520:525] = np.nan
    found = _weathers(_territory(replace(made, temperatures=temperatures)))[OBSERVED]
    assert np.array_equal(found.temperatures[500], temperatures[499])
    assert list(np.isnan(found.temperatures[519:526, MEAN])) == [False] * 4 + [True] * 2 + [False]
    assert found.memory[525] == temperatures[525, MEAN]


def test_civil_days_as_numbers() -> None:
    days = np.array(
        ["2019-03-30", "2019-03-31", "2019-10-26", "2019-10-27", "2019-12-24", "2020-01-02"], "datetime64[D]"
    )
    assert list(month_and_day(days)) == [330, 331, 1026, 1027, 1224, 102]
    assert list(summer_time(days)) == [0, 1, 1, 0, 0, 0]
    assert list(christmas(month_and_day(days))) == [0, 0, 0, 0, 1, 1]
    assert [tuple(each) for each in np.argwhere(fictitious_labels(days, 48))] == [(1, 4), (1, 5)]
    # The second pass of the repeated hour is the one that RTE prints.
    assert f"{instant_of(days[3].astype(object), 4):%H:%M}" == "01:00"
    assert f"{instant_of(days[2].astype(object), 4):%H:%M}" == "00:00"
