"""Forecasts of the published files: the figures that the reference has measured, recomputed with pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.dbt.lakes import BuiltLake, TinyLake
from tests.dbt.prevision import TABLES

pytestmark = [pytest.mark.real, pytest.mark.slow]

MARTS = ("mart_prevision", "mart_prevision_scores", "mart_prevision_modele")


@pytest.fixture(scope="module")
def lake(real_lake: BuiltLake) -> TinyLake:
    """Return the published files' warehouse."""
    return real_lake.lake


@pytest.fixture(scope="module")
def stored(lake: TinyLake) -> pd.DataFrame:
    """Return the nation's forecasts of the day before, beside what was read, by half-hour, from 2018 on."""
    return _frame(
        lake,
        """
        WITH forecasts AS (
            SELECT meteo, date, unnest(prevision_mw) AS forecast, unnest(range(48)) AS label
            FROM intermediate.int_prevision_retrotest
            WHERE code_territoire = 'FR' AND horizon_jours = 1 AND year(date) IN (2018, 2019)
        ),
        readings AS (
            SELECT date_locale AS date, consommation_electricite_mw AS actual,
                2 * CAST(left(heure_locale, 2) AS INTEGER) + CAST(heure_locale LIKE '%30' AS INTEGER) AS label
            FROM fct_consommation_nationale WHERE NOT est_heure_fictive
        )
        SELECT meteo, date, label, CAST(forecast AS DOUBLE) AS forecast, actual
        FROM forecasts INNER JOIN readings USING (date, label) ORDER BY ALL
        """,
    )


def _frame(lake: TinyLake, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(lake.paths.warehouse), read_only=True) as connection:
        frame: pd.DataFrame = connection.sql(sql).to_arrow_table().to_pandas(date_as_object=False)
    return frame


def _score(lake: TinyLake, **wanted: Any) -> dict[str, Any]:
    chosen = {
        "code_territoire": "FR",
        "modele": "ridge",
        "meteo": "observee",
        "horizon_jours": 1,
        "decoupe": "annee",
        "valeur_decoupe": "2019",
        **wanted,
    }
    where = " AND ".join(f"{name} = '{value}'" for name, value in chosen.items())
    (row,) = _frame(lake, f"FROM mart_prevision_scores WHERE {where}").to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_days_of_2019_are_forecast_to_1_3_percent_and_four_times_better_than_a_week_ago(lake: TinyLake) -> None:
    row = _score(lake, pas="jour")
    assert row["nombre"] == 365
    assert row["mape_pct"] <= 1.3
    assert row["gain_contre_naif_pct"] >= 75
    assert 86 <= row["couverture_90_pct"] <= 94


def test_half_hours_of_2019_are_forecast_to_2_percent(lake: TinyLake) -> None:
    row = _score(lake, pas="demi_heure")
    assert row["nombre"] == 365 * 48 - 2
    assert row["mape_pct"] <= 2.0
    assert 86 <= row["couverture_90_pct"] <= 94
    assert 46 <= row["couverture_50_pct"] <= 54


def test_without_a_weather_forecast_the_errors_are_larger_and_still_published(lake: TinyLake) -> None:
    climatology = _score(lake, pas="jour", meteo="climatologie")
    assert _score(lake, pas="jour")["mape_pct"] < climatology["mape_pct"] < 3.2
    assert 86 <= climatology["couverture_90_pct"] <= 94
    rows = _frame(lake, "FROM mart_prevision_modele")
    # Twelve régions and the nation, days and half-hours.
    assert len(rows) == 26
    assert rows["est_publie"].all()
    # Mild winters: six days ahead, Provence is as well forecast by a week ago; up to five it is published.
    short = rows[rows["horizon_publie_jours"] < 7]
    assert set(short["code_territoire"]) == {"93"}
    assert set(short["horizon_publie_jours"]) == {5}
    assert short["motif"].str.startswith("ne bat pas").all()
    shown = _frame(lake, "FROM mart_prevision WHERE est_a_venir AND modele = 'ridge'")
    silent = (shown["code_territoire"] == "93") & (shown["horizon_jours"] > 5)
    assert shown[silent]["prevision_mw"].isna().all()
    assert shown[~silent]["prevision_mw"].notna().all()


def test_the_seasonal_naive_of_2019_is_that_of_the_reference(lake: TinyLake) -> None:
    # 5.75 % of days and 6.00 % of half-hours (analytics reference, 3.2), on files that were read at another time.
    assert _score(lake, pas="jour", modele="naif_7j", meteo="aucune")["mape_pct"] == pytest.approx(5.75, abs=0.05)
    assert _score(lake, pas="demi_heure", modele="naif_7j", meteo="aucune")["mape_pct"] == pytest.approx(6.0, abs=0.05)


def test_pandas_finds_the_same_scores(lake: TinyLake, stored: pd.DataFrame) -> None:
    for meteo in ("observee", "climatologie"):
        own = stored[(stored["meteo"] == meteo) & (stored["date"].dt.year == 2019)]
        error = own["forecast"] - own["actual"]
        found = _score(lake, pas="demi_heure", meteo=meteo)
        assert found["mape_pct"] == pytest.approx(100 * (error.abs() / own["actual"]).mean(), abs=1e-3)
        assert found["mae_mw"] == pytest.approx(error.abs().mean(), abs=0.1)
        assert found["biais_mw"] == pytest.approx(error.mean(), abs=0.1)
        days = own.groupby("date")[["forecast", "actual"]].mean()
        daily = (days["forecast"] - days["actual"]).abs()
        found = _score(lake, pas="jour", meteo=meteo)
        assert found["mape_pct"] == pytest.approx(100 * (daily / days["actual"]).mean(), abs=1e-3)
        assert found["mase"] == pytest.approx(daily.mean() / found["echelle_mase_mw"], rel=1e-3)


def test_pandas_finds_the_same_coverage(lake: TinyLake, stored: pd.DataFrame) -> None:
    own = stored[stored["meteo"] == "observee"].pivot(index="date", columns="label", values=["forecast", "actual"])
    errors = (own["forecast"] - own["actual"]).abs()
    months = pd.Series(errors.index, index=errors.index).dt.to_period("M")
    inside: list[bool] = []
    for month in pd.period_range("2019-01", "2019-12", freq="M"):
        start = month.start_time
        known = errors[(errors.index >= start - pd.Timedelta(days=366)) & (errors.index < start - pd.Timedelta(days=1))]
        for label in range(48):
            ranked = np.sort(known[label].dropna())
            half = ranked[int(np.ceil((len(ranked) + 1) * 0.9)) - 1]
            inside += list(errors.loc[months == month, label].dropna() <= half)
    assert _score(lake, pas="demi_heure")["couverture_90_pct"] == pytest.approx(100 * np.mean(inside), abs=0.05)


def test_rows_shown_agree_with_what_was_read(lake: TinyLake) -> None:
    rows = _frame(lake, "FROM mart_prevision WHERE code_territoire = 'FR' AND pas = 'jour' AND modele = 'ridge'")
    coming = rows[rows["est_a_venir"]]
    assert list(coming["horizon_jours"]) == list(range(1, 8))
    assert coming["prevision_mw"].between(50_000, 90_000).all()
    past = rows[~rows["est_a_venir"] & (rows["meteo"] == "observee")]
    assert len(past) == 60
    assert 100 * ((past["prevision_mw"] - past["realise_mw"]).abs() / past["realise_mw"]).mean() < 2
    assert past["realise_mw"].between(past["ic90_bas_mw"], past["ic90_haut_mw"]).mean() > 0.8


def test_a_correction_recomputes_the_months_after_it_only_and_equals_a_full_build(
    real_lake: BuiltLake, tmp_path: Path
) -> None:
    lake = real_lake.lake.copy(tmp_path / "lake")
    before = _frame(lake, "SELECT DISTINCT cle, empreinte FROM intermediate.int_prevision_retrotest")
    lake.execute(
        "UPDATE fct_consommation_nationale SET consommation_electricite_mw = 1.02 * consommation_electricite_mw "
        "WHERE date_locale = DATE '2019-09-10'"
    )
    lake.make(*TABLES)
    after = _frame(lake, "SELECT DISTINCT cle, empreinte FROM intermediate.int_prevision_retrotest")
    changed = before.merge(after, on="cle", suffixes=("", "_after")).query("empreinte != empreinte_after")["cle"]
    assert sorted(changed) == [f"nation FR {each}" for each in ("2019-09", "2019-10", "2019-11", "2019-12", "2020-01")]
    incremental = {name: _frame(lake, f"FROM {name} ORDER BY ALL") for name in MARTS}
    results = lake.dbt("run", "--full-refresh", "--select", *TABLES)
    # Nation and régions, from the readings to the scores: below a minute, whatever else the machine does.
    assert sum(each.seconds for each in results.values()) < 60
    for name, table in incremental.items():
        pd.testing.assert_frame_equal(table, _frame(lake, f"FROM {name} ORDER BY ALL"))
