"""Weather as it was forecast: only what was read before the noon of the issue, corrected by what was known by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dataelec_assets.analysis.prevision import weather
from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.inputs import LEADS, Floats, Territory
from dataelec_assets.analysis.prevision.weather import (
    FORECAST,
    MEAN,
    TEMPERATURE_DELAY_DAYS,
    forecast_weather,
    normals,
)
from tests.analysis.prevision.warehouse import Warehouse
from tests.analysis.prevision.worlds import World, world

ISSUE = 700
FIRST_ISSUE = 560

# The chief town of the made-up territory is warmer than the rest of it.
TOWN_C = 3.0


def _truth(made: World) -> Floats:
    """Return the weather that comes, beyond the last one published too: it stays as it was."""
    known = made.temperatures.copy()
    known[-8:] = known[-9]
    return known


def issued(
    made: World,
    issues: range,
    *,
    warmer: dict[int, float] | None = None,
    error_c: float = 0.0,
    leads: range = LEADS,
) -> pa.Table:
    """Return what forecasts said on some issue days: the truth of a warmer town, and an error that grows."""
    truth, shift = _truth(made), warmer or {}
    random = np.random.default_rng(5)
    found: list[dict[str, Any]] = []
    for issue in issues:
        sign = random.normal()
        for lead in leads:
            day = issue + lead
            if day < len(truth):
                low, mean, high = truth[day] + TOWN_C + shift.get(issue, 0.0) + error_c * max(lead, 0) * sign
                found.append(
                    {
                        "code_territoire": made.code,
                        "emission": made.dates[issue].astype(object),
                        "date": made.dates[day].astype(object),
                        "temperature_min_c": low,
                        "temperature_moyenne_c": mean,
                        "temperature_max_c": high,
                    }
                )
    return pa.Table.from_pylist(found)


def _territory(made: World, forecasts: pa.Table) -> Territory:
    (found,) = Warehouse(made, forecasts=forecasts).territories()
    return found


def _given(made: World, forecasts: pa.Table, issue: int = ISSUE) -> tuple[int, Floats]:
    territory = _territory(made, forecasts)
    start, found = forecast_weather(territory, issue, normals(territory))
    return start, np.column_stack([found.temperatures, found.memory])


def _forecasts(made: World, forecasts: pa.Table | None) -> dict[tuple[int, str, date], Floats]:
    table = Warehouse(made, forecasts=forecasts).backtest()
    keys = zip(table["horizon_jours"].to_pylist(), table["meteo"].to_pylist(), table["date"].to_pylist(), strict=True)
    return {key: np.array(power) for key, power in zip(keys, table["prevision_mw"].to_pylist(), strict=True)}


ALL = range(FIRST_ISSUE, 792)


def _with_another_future(made: World) -> tuple[World, pa.Table]:
    """Change what is read of the weather after the noon of the issue, and what was not published by then."""
    temperatures = made.temperatures.copy()
    temperatures[ISSUE - TEMPERATURE_DELAY_DAYS :] += 20
    return replace(made, temperatures=temperatures), issued(
        made, ALL, warmer={each: 9.0 for each in ALL if each > ISSUE}
    )


def test_what_is_read_after_the_noon_of_the_issue_changes_nothing() -> None:
    made = world()
    start, known = _given(made, issued(made, ALL))
    assert start + len(known) == ISSUE + 8
    assert not np.isnan(known).any()
    again = _given(*_with_another_future(made))
    assert np.array_equal(known, again[1])


def test_a_forecast_that_is_taken_from_the_day_after_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world()
    real = weather.forecast_weather

    def shifted(territory: Territory, issue: int, normal: Floats) -> tuple[int, weather.Weather]:
        return real(replace(territory, forecasts=np.roll(territory.forecasts, -1, axis=0)), issue, normal)

    monkeypatch.setitem(globals(), "forecast_weather", shifted)
    known, again = _given(made, issued(made, ALL)), _given(*_with_another_future(made))
    assert not np.array_equal(known[1], again[1])


def test_an_eve_that_is_told_by_the_noon_after_the_issue_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_day_too_late(territory: Territory, issue: int) -> Floats:
        return territory.forecasts[2 : issue + 2, 0]

    monkeypatch.setattr(weather, "_analyses", one_day_too_late)
    made = world()
    known, again = _given(made, issued(made, ALL)), _given(*_with_another_future(made))
    assert not np.array_equal(known[1], again[1])


def test_a_correction_from_what_was_not_published_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weather, "TEMPERATURE_DELAY_DAYS", TEMPERATURE_DELAY_DAYS - 1)
    made = world()
    territory, other = _territory(made, issued(made, ALL)), _territory(*_with_another_future(made))
    normal = normals(territory)
    first, second = (forecast_weather(each, ISSUE, normal)[1].temperatures for each in (territory, other))
    assert not np.array_equal(first, second)


def test_what_was_issued_does_not_depend_on_later_forecasts_of_the_weather() -> None:
    made = world()
    first, second = _forecasts(made, issued(made, ALL)), _forecasts(*_with_another_future(made))
    issue = made.dates[ISSUE].astype(object)
    known = [key for key in first if key[1] == FORECAST and (key[2] - issue).days <= key[0]]
    assert (made.dates[ISSUE + 7].astype(object) - issue).days in {(key[2] - issue).days for key in known}
    # Fits of months after the issue may learn from what was published since; those before may not.
    assert len(known) > 500
    assert all(np.array_equal(first[key], second[key]) for key in known)
    later = [key for key in first if key[1] == FORECAST and (key[2] - issue).days > key[0]]
    assert any(not np.array_equal(first[key], second[key]) for key in later)


def test_a_chief_town_is_corrected_once_a_month_of_both_was_published() -> None:
    made = world()
    truth = _truth(made)
    start, known = _given(made, issued(made, ALL))
    assert np.allclose(known[ISSUE - start :, :3], truth[ISSUE : ISSUE + 8])
    few = range(ISSUE - TEMPERATURE_DELAY_DAYS - 28, 792)
    start, known = _given(made, issued(made, few))
    assert np.allclose(known[ISSUE - start :, :3], truth[ISSUE : ISSUE + 8] + TOWN_C)


def test_days_before_the_first_reading_have_their_normal_and_the_eve_what_was_read_at_noon() -> None:
    made = world()
    normal = normals(_territory(made, issued(made, ALL)))
    start, known = _given(made, issued(made, range(ISSUE, ISSUE + 1)))
    assert np.array_equal(known[: ISSUE - 1 - start, :3], normal[start : ISSUE - 1])
    assert np.allclose(known[ISSUE - 1 - start, :3], _truth(made)[ISSUE - 1] + TOWN_C)
    assert known[1, 3] == pytest.approx(0.8 * known[0, MEAN] + 0.2 * known[1, MEAN])


def test_only_issues_with_a_forecast_of_the_weather_have_one_of_consumption() -> None:
    made = world()
    assert {meteo for _, meteo, _ in _forecasts(made, None)} == {"observee", "climatologie"}
    found = [key for key in _forecasts(made, issued(made, range(ISSUE, ISSUE + 1))) if key[1] == FORECAST]
    assert sorted(found) == [(horizon, FORECAST, made.dates[ISSUE + horizon].astype(object)) for horizon in HORIZONS]


def test_errors_lie_between_those_of_the_two_other_weathers_and_are_kept_apart() -> None:
    made = world(days=1200)
    forecasts = issued(made, range(FIRST_ISSUE, 1192), error_c=0.25)
    built = Warehouse(made, forecasts=forecasts).build()
    found = {
        (row["meteo"], row["horizon_jours"]): row
        for row in built["scores"].to_pylist()
        if row["modele"] == "ridge" and row["pas"] == "jour" and row["decoupe"] == "ensemble"
    }
    for horizon in HORIZONS:
        observed, forecast, normal = (found[each, horizon] for each in ("observee", FORECAST, "climatologie"))
        assert observed["mae_mw"] < forecast["mae_mw"] < normal["mae_mw"]
        assert forecast["nombre_jours"] > 400
        assert 75 < forecast["couverture_90_pct"] < 99
    coming = [row for row in built["lignes"].to_pylist() if row["est_a_venir"] and row["pas"] == "jour"]
    with_weather = [row for row in coming if row["meteo"] == FORECAST]
    assert [row["horizon_jours"] for row in with_weather] == list(HORIZONS)
    assert all(row["ic90_bas_mw"] < row["prevision_mw"] < row["ic90_haut_mw"] for row in with_weather)
    assert all(row["emise_a"] < row["instant_utc"] for row in with_weather)


def test_a_history_that_ends_a_day_early_gains_on_the_normal_up_to_its_last_day() -> None:
    made = world(days=1200)
    forecasts = issued(made, range(FIRST_ISSUE, 1192), error_c=0.25, leads=range(-1, 7))
    power = _forecasts(made, forecasts)
    truth = dict(zip(made.dates.astype(object).tolist(), made.load, strict=True))
    errors: dict[tuple[int, str], list[float]] = {}
    for horizon, meteo, day in [key for key in power if (key[0], FORECAST, key[2]) in power]:
        if not np.isnan(truth[day]).any():
            errors.setdefault((horizon, meteo), []).append(
                float(np.abs(power[horizon, meteo, day] - truth[day]).mean())
            )
    mean = {key: float(np.mean(each)) for key, each in errors.items()}
    gains = [1 - mean[each, FORECAST] / mean[each, "climatologie"] for each in HORIZONS]
    assert all(gain > 0.2 for gain in gains[:6])
    # Of the seventh day nothing was said: it has its normal, and what the days before it left in the walls.
    assert gains[6] < min(gains[:6])


def test_another_forecast_of_the_weather_renews_its_month_and_those_after() -> None:
    made = world()
    lake = Warehouse(made, forecasts=issued(made, ALL))
    first = lake.backtest()
    stored = dict(zip(first["cle"].to_pylist(), first["empreinte"].to_pylist(), strict=True))
    assert lake.backtest(stored).num_rows == 0
    lake.replace(made, forecasts=issued(made, ALL, warmer={ISSUE: 1.0}))
    changed = lake.backtest(stored)
    assert min(changed["mois"].to_pylist()) == str(made.dates[ISSUE].astype("datetime64[M]"))
