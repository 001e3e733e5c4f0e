"""The back-test finds what is there, nothing where there is nothing, and does not repeat what has not changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dataelec_assets.analysis.prevision import backtest as module
from dataelec_assets.analysis.prevision.backtest import SCHEMA
from dataelec_assets.analysis.prevision.backtest import tested_months as months_of
from dataelec_assets.analysis.prevision.features import load_features
from dataelec_assets.analysis.prevision.inputs import Floats, Territory
from dataelec_assets.analysis.prevision.ridge import ALPHA, Moments
from tests.analysis.prevision.warehouse import Warehouse
from tests.analysis.prevision.worlds import DAYS, World, world


def _score(made: World, **wanted: Any) -> dict[str, Any]:
    wanted = {"decoupe": "ensemble", "modele": "ridge", "meteo": "observee", "horizon_jours": 1, **wanted}
    rows = Warehouse(made).build()["scores"].to_pylist()
    (row,) = [each for each in rows if wanted.items() <= each.items()]
    return dict(row)


def test_a_forecast_finds_what_makes_consumption() -> None:
    row = _score(world(), pas="jour")
    # The noise of a day is 300 MW: 240 MW on average, whatever the model.
    assert 240 < row["mae_mw"] < 420
    assert row["gain_contre_naif_pct"] > 85
    assert 86 <= row["couverture_90_pct"] <= 94


def test_a_shuffled_target_gives_no_skill() -> None:
    made = world()
    order = np.random.default_rng(0).permutation(DAYS - 8)
    load = made.load.copy()
    load[: DAYS - 8] = made.load[order]
    row = _score(replace(made, load=load), pas="jour")
    days = np.nanmean(load[:-8], axis=1)
    spread = np.mean(np.abs(days - days.mean()))
    assert row["mae_mw"] > 0.9 * spread


def test_reading_the_target_itself_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaking(territory: Territory, horizon: int) -> Floats:
        return np.column_stack([load_features(territory, horizon), territory.load])

    honest = _score(world(), pas="jour")["mape_pct"]
    monkeypatch.setattr(module, "load_features", leaking)
    assert _score(world(), pas="jour")["mape_pct"] < honest / 4


def test_too_short_a_history_gives_an_empty_table_and_no_number() -> None:
    short = world(days=200)
    nothing = replace(short, load=short.load[:0], temperatures=short.temperatures[:0], rte=short.rte[:0])
    for made in (short, nothing):
        built = Warehouse(made).build()
        assert built["retrotest"] == SCHEMA.empty_table()
        assert {name: each.num_rows for name, each in built.items()} == dict.fromkeys(built, 0)


def test_a_history_that_ended_long_ago_is_not_forecast() -> None:
    made = world()
    load = made.load.copy()
    load[420:] = np.nan
    load[780:792] = made.load[780:792]
    (territory,) = Warehouse(made.with_load(load)).territories()
    months = [str(each) for each in months_of(territory)]
    assert months
    assert max(months) <= str(made.dates[427])[:7]


def test_constant_consumption_is_forecast_without_a_division_by_zero() -> None:
    made = world()
    load = np.where(np.isnan(made.load), np.nan, 50_000.0)
    row = _score(replace(made, load=load), pas="jour")
    assert row["mae_mw"] == pytest.approx(0, abs=0.05)
    # Nothing to be better than: no ratio.
    assert row["mase"] is None
    assert row["gain_contre_naif_pct"] is None


def test_a_territory_that_uses_nothing_has_no_relative_error() -> None:
    made = world()
    row = _score(replace(made, load=np.where(np.isnan(made.load), np.nan, 0.0)), pas="demi_heure")
    assert row["mae_mw"] == pytest.approx(0, abs=0.05)
    assert row["mape_pct"] is None


def _digests(table: pa.Table) -> dict[str, str]:
    return dict(zip(table["cle"].to_pylist(), table["empreinte"].to_pylist(), strict=True))


def test_months_whose_inputs_have_not_changed_are_not_computed_again() -> None:
    made = world()
    full = Warehouse(made).backtest()
    assert Warehouse(made).backtest(_digests(full)).num_rows == 0
    load = made.load.copy()
    load[700, 10] += 500
    changed = Warehouse(made.with_load(load))
    again = changed.backtest(_digests(full))
    month = str(made.dates[700])[:7]
    assert set(again["mois"].to_pylist()) == {each for each in full["mois"].to_pylist() if each >= month}
    # What was kept and what was computed again are what a full computation gives.
    kept = full.filter(pc.less(full["mois"], month))
    both = pa.concat_tables([kept, again])
    order = [(name, "ascending") for name in ("cle", "horizon_jours", "meteo", "date")]
    assert both.sort_by(order) == changed.backtest().sort_by(order)


def test_a_month_that_is_no_longer_wanted_comes_back_without_a_date() -> None:
    made = Warehouse(world())
    again = made.backtest({**_digests(made.backtest()), "nation FR 1999-01": "x"})
    assert again.select(["cle", "date", "prevision_mw"]).to_pylist() == [
        {"cle": "nation FR 1999-01", "date": None, "prevision_mw": None}
    ]


def test_the_fit_is_the_ridge_of_scikit_learn_on_the_same_rows() -> None:
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(3)
    features = random.normal(50_000, 4_000, (500, 20))
    features[:, 3] = 7.0  # constant: says nothing
    outputs = features[:, :2] @ random.normal(size=(2, 5)) + random.normal(0, 100, (500, 5)) + 1e5
    moments = Moments(features, outputs, np.array([100, 250, 400, 500]))
    for first, last, rows in ((-1, 2, slice(0, 400)), (0, 3, slice(100, 500))):
        scaler = StandardScaler().fit(features[rows])
        expected = Ridge(alpha=ALPHA).fit(scaler.transform(features[rows]), outputs[rows])
        found = moments.fit(first, last).predict(features)
        assert np.allclose(found, expected.predict(scaler.transform(features)), atol=1e-3)


def test_a_correction_gives_the_fit_on_what_was_known_then() -> None:
    random = np.random.default_rng(3)
    features, outputs = random.normal(size=(300, 6)), random.normal(size=(300, 4))
    then = outputs.copy()
    then[[5, 80]] += 3
    ends = np.array([100, 300])
    corrected = Moments(features, outputs, ends)
    found = corrected.fit(-1, 1, features[[5, 80]], then[[5, 80]] - outputs[[5, 80]]).predict(features)
    assert np.allclose(found, Moments(features, then, ends).fit(-1, 1).predict(features))


def test_whole_years_taken_at_once_give_the_fit_of_their_months() -> None:
    random = np.random.default_rng(3)
    features, outputs = random.normal(50_000, 4_000, (900, 6)), random.normal(size=(900, 4))
    ends = np.arange(30, 901, 30)
    by_year = Moments(features, outputs, ends, first_month=9).fit(1, 29).predict(features)
    at_once = Moments(features, outputs, np.array([60, 900])).fit(0, 1).predict(features)
    assert np.allclose(by_year, at_once)
