"""Slopes with robust errors: what they find in series made by a known rule, and what they refuse."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from statsmodels.formula.api import ols

from dataelec_assets.analysis.thermosensibilite import LAGS, fit, sensitivities
from dataelec_assets.analysis.thermosensibilite import _series as series_of
from dataelec_assets.analysis.thresholds import BOTH, HEATING

FIRST = date(2018, 7, 1)
KEY = {"maille": "region", "code_territoire": "11", "energie": "electricite"}


def made_days(
    *, count: int = 730, heating: float = 100.0, cooling: float = 40.0, noise: float = 50.0, seed: int = 1
) -> pd.DataFrame:
    """Return days of a region (heating below 15 °C, cooling above 20) whose noise lasts from day to day."""
    draw = np.random.default_rng(seed)
    days = [FIRST + timedelta(days=offset) for offset in range(count)]
    season = -np.cos(2 * np.pi * (np.arange(count) + 166) / 365.25)
    temperature = np.round(12 + 9 * season + draw.normal(0, 3, count), 3)
    error = np.zeros(count)
    for position in range(1, count):
        error[position] = 0.7 * error[position - 1] + draw.normal(0, noise)
    weekend = np.array([day.weekday() >= 5 for day in days])
    power = 5000 - 600 * weekend + error
    power = power + heating * np.maximum(15 - temperature, 0) + cooling * np.maximum(temperature - 20, 0)
    heating_year = [f"{day.year - (day.month < 7)}-{day.year + (day.month >= 7)}" for day in days]
    return pd.DataFrame(
        {
            **KEY,
            "date": days,
            "annee_de_chauffe": heating_year,
            "groupe": np.where(weekend, "dimanche 0", "ouvré 0"),
            "temperature_mc": np.round(1000 * temperature).astype(int),
            "puissance_kw": np.round(1000 * power).astype(int),
        }
    )


def thresholds(*, above: int = 90, period: str = "ensemble", cooling: int = 20_000) -> pa.Table:
    """Return the thresholds of both models, as ``analysis.thresholds`` gives them."""
    shared = {**KEY, "periode": period, "seuil_chauffage_mc": 15_000}
    return pa.Table.from_pylist(
        [
            {**shared, "modele": BOTH, "seuil_climatisation_mc": cooling, "nombre_jours_au_dessus": above},
            {**shared, "modele": HEATING, "seuil_climatisation_mc": None, "nombre_jours_au_dessus": None},
        ]
    )


def measured(days: pd.DataFrame, limits: pa.Table | None = None) -> list[dict[str, Any]]:
    """Return the rows of :func:`sensitivities`."""
    rows: list[dict[str, Any]] = sensitivities(pa.Table.from_pandas(days), limits or thresholds()).to_pylist()
    return rows


def test_the_rule_that_made_the_days_is_found_again() -> None:
    (row,) = measured(made_days())
    assert row["modele"] == BOTH
    assert row["gradient_chauffage_mw_par_c"] == pytest.approx(100, rel=0.05)
    assert row["gradient_climatisation_mw_par_c"] == pytest.approx(40, rel=0.2)
    assert row["gradient_chauffage_ic95_bas_mw_par_c"] < row["gradient_chauffage_mw_par_c"]
    assert row["gradient_chauffage_mw_par_c"] < row["gradient_chauffage_ic95_haut_mw_par_c"]
    assert row["r2"] > 0.9
    assert row["correlation_residus"] == pytest.approx(0.7, abs=0.1)
    assert (row["debut"], row["fin"], row["nombre_jours"]) == (FIRST, date(2020, 6, 29), 730)


def test_slopes_and_errors_are_those_of_statsmodels_with_a_dummy_per_group() -> None:
    days = made_days()
    series = series_of(days)
    found = fit(series, 15, 20)
    assert found is not None
    frame = days.assign(
        power=series.power,
        cold=np.maximum(15 - series.temperature, 0),
        hot=np.maximum(series.temperature - 20, 0),
    )
    model = ols("power ~ cold + hot + C(groupe):C(annee_de_chauffe)", frame)
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": LAGS, "use_correction": True}, use_t=True)
    plain = model.fit()
    names = ["cold", "hot"]
    assert found.slopes == pytest.approx(robust.params[names].to_numpy(), rel=1e-9)
    assert found.errors == pytest.approx(robust.bse[names].to_numpy(), rel=1e-9)
    assert found.ordinary_errors == pytest.approx(plain.bse[names].to_numpy(), rel=1e-9)
    assert found.low == pytest.approx(robust.conf_int().loc[names, 0].to_numpy(), rel=1e-9)


def test_intervals_hold_the_rule_more_often_than_those_that_ignore_lasting_noise() -> None:
    robust, plain = 0, 0
    for seed in range(40):
        found = fit(series_of(made_days(seed=seed)), 15, 20)
        assert found is not None
        robust += bool(found.low[0] < 100 < found.high[0])
        plain += bool(abs(found.slopes[0] - 100) < 1.96 * found.ordinary_errors[0])
    # Of 150 draws 85 % and 60 % did (docs/methods/thermosensibilite.md): not yet the 95 % that they are called.
    assert robust >= 0.75 * 40
    assert plain < robust


def test_robust_errors_are_wider_than_ordinary_ones_where_the_noise_lasts() -> None:
    (row,) = measured(made_days())
    assert row["gradient_chauffage_erreur_type_mw_par_c"] > 1.3 * row["gradient_chauffage_erreur_type_mco_mw_par_c"]


@pytest.mark.parametrize(
    ("days", "limits"),
    [
        (made_days(cooling=0), thresholds()),
        (made_days(cooling=-40), thresholds()),
        (made_days(), thresholds(above=29)),
        (made_days(), thresholds(cooling=18_000)),
        (made_days(), thresholds(cooling=26_000)),
    ],
    ids=["no cooling", "less when hot", "too few hot days", "lower end of the grid", "upper end of the grid"],
)
def test_cooling_that_does_not_show_is_left_out(days: pd.DataFrame, limits: pa.Table) -> None:
    (row,) = measured(days, limits)
    assert (row["modele"], row["gradient_climatisation_mw_par_c"]) == (HEATING, None)
    assert row["gradient_chauffage_mw_par_c"] > 0


@pytest.mark.parametrize(
    "days",
    [
        made_days(count=1),
        made_days(count=29),
        made_days().iloc[:0],
        made_days().assign(puissance_kw=5_000_000),
        made_days().assign(temperature_mc=9_000),
        made_days().assign(groupe=[str(number) for number in range(730)]),
        made_days(count=220).assign(groupe=[str(180 if number == 181 else number) for number in range(220)]),
    ],
    ids=[
        "one day",
        "29 days",
        "no day",
        "constant power",
        "constant temperature",
        "no two days alike",
        "only two winter days alike",
    ],
)
def test_what_says_nothing_has_no_row(days: pd.DataFrame) -> None:
    assert measured(days) == []


def test_a_period_is_measured_on_its_own_days() -> None:
    rows = measured(made_days(), thresholds(period="2019-2020"))
    assert [(row["debut"], row["nombre_jours"]) for row in rows] == [(date(2019, 7, 1), 365)]


def test_a_period_of_a_few_days_has_no_row_though_the_series_is_long() -> None:
    days = made_days(count=1000)
    begun = days["annee_de_chauffe"] < "2020-2021"
    december = np.array([date(2020, 12, 1) <= day <= date(2020, 12, 29) for day in days["date"]])
    assert measured(days[begun | december], thresholds(period="2020-2021")) == []


def test_the_order_of_the_rows_changes_nothing() -> None:
    days = made_days()
    assert measured(days.sample(frac=1, random_state=3)) == measured(days)


def test_days_on_both_sides_of_a_gap_are_no_neighbours() -> None:
    days = made_days()
    every_other = days.iloc[::2]
    (row,) = measured(every_other)
    assert row["correlation_residus"] is None
