"""The questions: which pairs, at which lag, and what is said when the days do not tell."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dataelec_assets.analysis.correlation import FEW_DAYS, NO_DAY, SHORT_HISTORY
from dataelec_assets.analysis.relations import COLUMNS, DESEASONALISED, LAGS, PAIRS, RAW, SCHEMA, relations

Row = dict[str, Any]


def table(days: int, **series: Any) -> pa.Table:
    """Return days from 2018-01-01 with the given series; the others are null."""
    columns = {name: pa.nulls(days, pa.float64()) for name in COLUMNS}
    columns |= {name: pa.array(values, pa.float64(), from_pandas=True) for name, values in series.items()}
    return pa.table({"date": [date(2018, 1, 1) + timedelta(days=each) for each in range(days)], **columns})


def answers(days: pa.Table, **wanted: Any) -> list[Row]:
    rows: list[Row] = relations(days).to_pylist()
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def test_every_question_is_answered_without_any_day_too() -> None:
    found = relations(table(0))
    assert found.schema == SCHEMA
    rows = found.to_pylist()
    assert len(rows) == sum(3 * len(pair.transformations) for pair in PAIRS)
    assert {row["question"] for row in rows} == {
        *("stock_temperature", "filieres_temperature", "filieres_stock", "saisons", "echanges_stock"),
    }
    assert {row["effet"] for row in rows} == {None}
    assert {row["motif"] for row in rows} == {NO_DAY, SHORT_HISTORY}
    keys = [tuple(row[name] for name in SCHEMA.names[:7]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_a_single_day_is_no_answer() -> None:
    rows = answers(table(1, temperature_moyenne_c=[5.0], stock_gaz_gwh=[9.0]), transformation=RAW, decalage_jours=0)
    assert {row["effet"] for row in rows} == {None}
    assert FEW_DAYS in {row["motif"] for row in rows}


def test_a_stock_that_follows_by_thirty_days_is_found_at_thirty_days() -> None:
    weather = np.random.default_rng(1).normal(size=1200)
    stock = np.concatenate([np.full(30, np.nan), weather[:-30]])
    found = answers(
        table(1200, temperature_moyenne_c=weather, stock_gaz_gwh=stock),
        question="stock_temperature",
        forme="niveau",
        methode="pearson",
    )
    for transformation in (RAW, DESEASONALISED):
        by_lag = {row["decalage_jours"]: row["effet"] for row in found if row["transformation"] == transformation}
        assert list(by_lag) == list(LAGS)
        assert by_lag[30] > 0.99
        assert max(abs(effect) for lag, effect in by_lag.items() if lag != 30) < 0.15


def test_two_series_that_share_nothing_but_the_seasons_are_unrelated_without_them() -> None:
    rng = np.random.default_rng(2)
    season = np.cos(2 * np.pi * np.arange(1461) / 365.25)
    days = table(
        1461,
        temperature_moyenne_c=12 - 8 * season + rng.normal(size=1461),
        nucleaire_mwh=1e6 + 2e5 * season + 2e4 * rng.normal(size=1461),
    )
    found = answers(days, question="filieres_temperature", serie_y="nucleaire_mwh", methode="pearson")
    raw, rest = sorted(found, key=lambda row: str(row["transformation"]))
    assert raw["effet"] < -0.9
    assert abs(rest["effet"]) < 0.1
    assert (rest["est_concluant"], rest["motif"]) == (False, "l'intervalle contient zéro")
    assert rest["nombre_effectif"] > 20 * raw["nombre_effectif"]


def test_the_slope_on_full_days_is_the_difference_of_the_means() -> None:
    rng = np.random.default_rng(3)
    full = np.repeat(rng.integers(0, 2, 100), 8).astype(float)
    exports = 100 + 40 * full + rng.normal(size=800)
    (row,) = answers(
        table(800, est_stock_gaz_plein=full, export_commercial_mwh=exports),
        question="echanges_stock",
        serie_x="est_stock_gaz_plein",
        serie_y="export_commercial_mwh",
        transformation=RAW,
        methode="pente",
    )
    assert row["effet"] == pytest.approx(exports[full == 1].mean() - exports[full == 0].mean())
    assert row["unite_effet"] == "MWh/jour d'écart"
    assert row["ic95_bas"] < row["effet"] < row["ic95_haut"]


def test_a_season_seen_in_one_year_only_is_not_told_from_that_year() -> None:
    rng = np.random.default_rng(4)
    winter = np.array([1.0 if day < 59 or day > 333 else 0.0 for day in range(365)])
    days = table(365, est_hiver=winter, nucleaire_mwh=rng.normal(size=365))
    (row,) = answers(days, question="saisons", serie_x="est_hiver", serie_y="nucleaire_mwh", methode="pente")
    assert (row["effet"], row["motif"]) == (None, SHORT_HISTORY)


def test_the_order_of_the_days_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    days = table(900, temperature_moyenne_c=rng.normal(size=900), flux_stock_gaz_gwh=rng.normal(size=900))
    assert relations(days.take(pa.array(rng.permutation(900)))).equals(relations(days))


def test_the_same_days_in_another_order_are_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    days = table(800, temperature_moyenne_c=np.arange(800.0) % 17, stock_gaz_gwh=np.arange(800.0) % 23)
    before = relations(days)
    assert relations(days.sort_by([("date", "descending")]), before) is before
    changed = table(800, temperature_moyenne_c=np.arange(800.0) % 17, stock_gaz_gwh=np.arange(1, 801.0) % 23)
    again = relations(changed, before)
    assert again.equals(relations(changed))
    assert not again.equals(before)
    monkeypatch.setattr("dataelec_assets.analysis.relations.version", lambda _: "another")
    assert relations(days, before) is not before


def test_an_answer_tells_the_first_and_the_last_day_that_both_series_have() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=400), rng.normal(size=400)
    x[:10], y[390:] = np.nan, np.nan
    days = table(400, temperature_moyenne_c=x, stock_gaz_gwh=y)
    for lag, first in ((0, date(2018, 1, 11)), (30, date(2018, 2, 10))):
        wanted = {"question": "stock_temperature", "serie_y": "stock_gaz_gwh", "decalage_jours": lag}
        row, *_ = answers(days, serie_x="temperature_moyenne_c", transformation=RAW, **wanted)
        assert (row["debut"], row["fin"]) == (first, date(2019, 1, 25))
        assert row["nombre_jours"] == 380 - lag
    (nothing, *_) = answers(table(400), serie_x="temperature_moyenne_c", serie_y="stock_gaz_gwh")
    assert (nothing["debut"], nothing["fin"]) == (None, None)
