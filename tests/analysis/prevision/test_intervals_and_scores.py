"""Intervals and scores are what a plain computation with pandas and statsmodels gives."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from dataelec_assets.analysis.prevision import scores
from dataelec_assets.analysis.prevision.conformal import DAYS_OF_ERRORS, half_widths
from dataelec_assets.analysis.prevision.errors import Errors, pinball
from dataelec_assets.analysis.prevision.forecasts import STEPS, Forecasts
from dataelec_assets.analysis.prevision.rows import SHOWN_DAYS
from dataelec_assets.analysis.prevision.scores import diebold_mariano
from tests.analysis.prevision.warehouse import Warehouse
from tests.analysis.prevision.worlds import DAYS, world

DAY = ["pas", "modele", "meteo"]


@pytest.fixture(scope="module")
def made() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the stored forecasts, the scores and the rows of a made-up nation."""
    built = Warehouse(world()).build()
    stored, found, shown = (built[name].to_pandas(date_as_object=False) for name in ("retrotest", "scores", "lignes"))
    return stored, found, shown


@pytest.fixture(scope="module")
def long(made: tuple[pd.DataFrame, ...]) -> pd.DataFrame:
    """Return the stored forecasts of the day before beside what was read, one row per half-hour."""
    stored = made[0][made[0]["horizon_jours"] == 1]
    flat = stored[["meteo", "date", "prevision_mw"]].explode("prevision_mw")
    flat["label"] = flat.groupby(["meteo", "date"]).cumcount()
    flat["prevision_mw"] = flat["prevision_mw"].astype(float).round(1)
    made_up = world()
    read = pd.DataFrame(
        {
            "date": np.repeat(made_up.dates, 48),
            "label": np.tile(np.arange(48), len(made_up.dates)),
            "actual": made_up.load.ravel(),
            "rte": made_up.rte.ravel(),
            "naive": np.roll(made_up.load, 7, axis=0).ravel(),
        }
    )
    return flat.merge(read.astype({"date": flat["date"].dtype}), on=["date", "label"]).dropna(subset=["actual"])


def _row(table: pd.DataFrame, **wanted: Any) -> pd.Series[Any]:
    chosen = table
    for name, value in {"decoupe": "ensemble", "horizon_jours": 1, "modele": "ridge", **wanted}.items():
        chosen = chosen[chosen[name] == value]
    assert len(chosen) == 1
    return chosen.iloc[0]


@pytest.mark.parametrize("meteo", ["observee", "climatologie"])
def test_scores_are_those_of_pandas(made: tuple[pd.DataFrame, ...], long: pd.DataFrame, meteo: str) -> None:
    found = _row(made[1], pas="demi_heure", meteo=meteo)
    own = long[long["meteo"] == meteo]
    error = own["prevision_mw"] - own["actual"]
    assert found["nombre"] == len(own)
    assert found["mae_mw"] == pytest.approx(error.abs().mean())
    assert found["mape_pct"] == pytest.approx(100 * (error.abs() / own["actual"]).mean())
    assert found["biais_mw"] == pytest.approx(error.mean())
    assert found["rmse_mw"] == pytest.approx(np.sqrt((error**2).mean()))
    naive = own.dropna(subset=["naive"])
    gain = 1 - (naive["prevision_mw"] - naive["actual"]).abs().mean() / (naive["naive"] - naive["actual"]).abs().mean()
    assert found["gain_contre_naif_pct"] == pytest.approx(100 * gain)
    by_hour = own.assign(error=error.abs()).groupby(own["label"] // 2)["error"].mean()
    cut = made[1].query(f"pas == 'demi_heure' and meteo == '{meteo}' and horizon_jours == 1 and decoupe == 'heure'")
    assert cut.sort_values("valeur_decoupe")["mae_mw"].to_numpy() == pytest.approx(by_hour.to_numpy())


def test_the_scale_of_mase_is_the_naive_error_before_the_test(made: tuple[pd.DataFrame, ...]) -> None:
    found = _row(made[1], pas="jour", meteo="observee")
    world_ = world()
    first = made[0]["date"].min()
    daily = pd.Series(np.nanmean(world_.load[:-8], axis=1), index=pd.to_datetime(world_.dates[:-8]))
    before = daily[daily.index < first]
    expected = (before - before.shift(7)).abs().mean()
    assert found["echelle_mase_mw"] == pytest.approx(expected)
    assert found["mase"] == pytest.approx(found["mae_mw"] / expected)


def test_diebold_and_mariano_is_the_mean_with_errors_of_newey_and_west(
    made: tuple[pd.DataFrame, ...], long: pd.DataFrame
) -> None:
    found = _row(made[1], pas="demi_heure", meteo="climatologie")
    own = long[long["meteo"] == "climatologie"].dropna(subset=["rte"])
    losses = (own["prevision_mw"] - own["actual"]).abs() - (own["rte"] - own["actual"]).abs()
    daily = losses.groupby(own["date"]).mean()
    fit = sm.OLS(daily.to_numpy(), np.ones(len(daily))).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": False}
    )
    assert found["dm_statistique"] == pytest.approx(fit.tvalues[0], rel=1e-6)
    assert found["dm_nombre_jours"] == len(daily)
    assert found["dm_p_valeur"] == pytest.approx(fit.pvalues[0], abs=1e-3)
    assert found["mae_rte_mw"] == pytest.approx((own["rte"] - own["actual"]).abs().mean())


def test_no_test_on_few_days_or_on_losses_that_never_differ() -> None:
    assert diebold_mariano(np.random.default_rng(0).normal(size=55)) == (None, None)
    assert diebold_mariano(np.zeros(100)) == (None, None)
    losses = np.random.default_rng(0).normal(0.5, 1, size=400)
    statistic, p_value = diebold_mariano(losses)
    assert statistic is not None
    assert p_value is not None
    assert statistic > 5
    assert p_value < 0.001
    assert diebold_mariano(-losses) == pytest.approx((-statistic, p_value))


def test_half_widths_are_the_ranked_errors_of_the_year_before() -> None:
    random = np.random.default_rng(2)
    errors = np.abs(random.normal(0, 1, (600, 3)))
    errors[random.random(errors.shape) < 0.1] = np.nan
    assert np.isnan(half_widths(errors.T[None, :, :29])).all()  # 29 errors are too few
    half_50, half_90 = half_widths(errors.T[None, :, 498 - 365 : 498])[0, :, 0]
    for column in range(3):
        known = np.sort(errors[498 - 365 : 498, column])
        known = known[~np.isnan(known)]
        for half, level in ((half_50, 0.5), (half_90, 0.9)):
            assert half[column] == pytest.approx(known[int(np.ceil((len(known) + 1) * level)) - 1])


def test_days_take_the_errors_of_their_kind_and_those_of_all_when_rare() -> None:
    errors = np.where(np.arange(600) % 7 == 0, 9.0, 1.0)[:, None]
    kinds = np.where(np.arange(600) % 7 == 0, 1, np.where(np.arange(600) % 300 == 1, 2, 0))
    # 14 % of all days err by 9: nine tenths of them need it.
    year = slice(559 - 365, 559)
    assert half_widths(errors.T[None, :, year], kinds[None, year])[0, 1, :, 0].tolist() == [1.0, 9.0, 9.0]


@pytest.mark.parametrize("step", STEPS)
def test_half_widths_know_the_days_that_were_over_at_the_first_issue(step: str) -> None:
    warehouse = Warehouse(world())
    [territory] = warehouse.territories()
    errors = Errors(Forecasts(territory, warehouse.backtest()), step)
    start = territory.position(np.datetime64(territory.dates[-40].astype("datetime64[M]"), "D"))
    found = errors.half_widths(start)
    for place in (0, len(found) - 1):
        over = slice(start - errors.names[place][2] - DAYS_OF_ERRORS, start - errors.names[place][2])
        types = None if step == "demi_heure" else territory.day_type[None, over]
        expected = half_widths(np.abs(errors.errors[place : place + 1, over]).transpose(0, 2, 1), types)[0]
        assert not np.isnan(expected).all()
        assert np.array_equal(found[place], expected, equal_nan=True)
    assert np.isnan(errors.half_widths(DAYS_OF_ERRORS // 8)).all()  # the back-test begins later


def test_months_without_a_day_of_a_kind_have_neither_a_first_nor_a_last() -> None:
    days = np.array(["NaT", "2024-03-29", "2024-05-01", "NaT"], dtype="datetime64[D]")
    found = scores._days(np.array([0, 1, 2, 0]), days, days)
    assert found == {"nombre_jours": 3, "debut": date(2024, 3, 29), "fin": date(2024, 5, 1)}


@pytest.mark.parametrize(("meteo", "tolerance"), [("observee", 5), ("climatologie", 8)])
def test_coverage_is_near_what_it_says(made: tuple[pd.DataFrame, ...], meteo: str, tolerance: float) -> None:
    # A year of days: two standard errors are three points, and errors of one week are alike; more so without weather.
    for step in ("jour", "demi_heure"):
        found = _row(made[1], pas=step, meteo=meteo)
        assert found["couverture_90_pct"] == pytest.approx(90, abs=tolerance)
        assert found["couverture_50_pct"] == pytest.approx(50, abs=2 * tolerance)


def test_rows_hold_the_coming_week_and_sixty_days(made: tuple[pd.DataFrame, ...]) -> None:
    table = made[2]
    last = pd.Timestamp(world().dates[DAYS - 9])
    coming = table[table["est_a_venir"]]
    assert set(coming["emise_a"]) == {pd.Timestamp(f"{last:%Y-%m-%d} 11:00", tz="UTC")}
    ridge = coming[(coming["modele"] == "ridge") & (coming["pas"] == "jour")]
    assert list(ridge["date"]) == [last + pd.Timedelta(days=each) for each in range(1, 8)]
    assert set(coming["meteo"]) == {"climatologie", "aucune"}
    assert coming["realise_mw"].isna().all()
    past = table[~table["est_a_venir"] & (table["pas"] == "jour")]
    assert set(past["modele"]) == {"ridge", "persistance", "naif_7j", "rte_j1"}
    assert past.groupby(["modele", "meteo"])["date"].nunique().unique().tolist() == [SHOWN_DAYS]
    assert (table["emise_a"] < table["instant_utc"]).all()


def test_coverage_and_errors_recomputed_from_rows_agree_with_the_scores(made: tuple[pd.DataFrame, ...]) -> None:
    table = made[2]
    past = table[(table["pas"] == "demi_heure") & (table["modele"] == "ridge") & (table["meteo"] == "observee")]
    past = past[~past["est_a_venir"]].dropna(subset=["realise_mw", "ic90_bas_mw"])
    inside = past["realise_mw"].between(past["ic90_bas_mw"], past["ic90_haut_mw"])
    assert 80 <= 100 * inside.mean() <= 99
    error = (past["prevision_mw"] - past["realise_mw"]).abs()
    found = _row(made[1], pas="demi_heure", meteo="observee")
    assert error.mean() == pytest.approx(found["mae_mw"], rel=0.2)


def testpinball_and_width_are_those_of_the_quantiles(made: tuple[pd.DataFrame, ...]) -> None:
    # Of errors that are known by hand: 10 MW too high with half-widths of 20 and 50.
    error, half_50, half_90 = np.array([[10.0]]), np.array([[20.0]]), np.array([[50.0]])
    losses = [0.05 * 40, 0.25 * 10, 0.5 * 10, 0.25 * 30, 0.05 * 60]
    assert pinball(error, half_50, half_90)[0, 0] == pytest.approx(sum(losses) / 5)
    assert pinball(-error, half_50, half_90)[0, 0] == pytest.approx(sum(losses) / 5)
    found = _row(made[1], pas="demi_heure", meteo="observee")
    # A median alone would lose half the error; quantiles that mean something lose less.
    assert 0.2 * found["mae_mw"] < found["pinball_mw"] < 0.5 * found["mae_mw"]
    assert found["nombre_intervalles"] < found["nombre"]
    assert found["largeur_90_mw"] > 2 * found["mae_mw"]
