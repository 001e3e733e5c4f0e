"""What an analyst must find in the synthetic France: the slopes and rankings that were measured on the real one."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from dataelec_assets.sample.regions import MAINLAND

_DAILY = """
    with weather as (select date, avg(tmoy) as t from temperature_quotidienne_regionale group by 1),
         load as (
             select date::date as date, sum(consommation_brute_electricite_rte) / 48 as mw,
                    sum(consommation_brute_gaz_totale) / 24 as gas
             from consommation_quotidienne_brute_regionale group by 1
         )
    select date, t, mw, gas from weather join load using (date) order by date
"""


def _slope(
    france: duckdb.DuckDBPyConnection, sql: str, column: int = 2, threshold: float = 15.0
) -> tuple[float, float]:
    """Regress daily means on heating degrees and days of the week, below 20 °C; return MW/°C and the sum of squares."""
    rows: list[tuple[date, float, float, float]] = france.sql(sql).fetchall()
    kept = [row for row in rows if row[1] < 20]
    assert len(kept) > 600
    degrees = np.array([max(threshold - row[1], 0.0) for row in kept])
    weekday: NDArray[np.float64] = np.eye(7)[[row[0].weekday() for row in kept]]
    values = np.array([row[column] for row in kept])
    solution, squares, _, _ = np.linalg.lstsq(np.c_[degrees, weekday], values, rcond=None)
    return float(solution[0]), float(squares[0])


def test_load_rises_by_about_2400_megawatts_per_degree(france: duckdb.DuckDBPyConnection) -> None:
    slope, _ = _slope(france, _DAILY)
    assert 2200 <= slope <= 2600


def test_the_heating_threshold_is_near_15_degrees(france: duckdb.DuckDBPyConnection) -> None:
    thresholds = np.arange(12, 18.5, 0.5)
    squares = [_slope(france, _DAILY, threshold=float(threshold))[1] for threshold in thresholds]
    assert 14 <= thresholds[int(np.argmin(squares))] <= 16


def test_gas_is_two_to_three_times_as_sensitive(france: duckdb.DuckDBPyConnection) -> None:
    ratio = _slope(france, _DAILY, column=3)[0] / _slope(france, _DAILY)[0]
    assert 2 <= ratio <= 3


def test_ile_de_france_is_first_and_bourgogne_last(france: duckdb.DuckDBPyConnection) -> None:
    slopes = {
        region.name: _slope(
            france,
            f"""
            with load as (
                select date::date as date, avg(consommation_brute_electricite_rte) as mw
                from consommation_quotidienne_brute_regionale where code_insee_region = '{region.code}' group by 1
            )
            select date, tmoy, mw, 0.0 from temperature_quotidienne_regionale join load using (date)
            where code_insee_region = {region.code}
            """,
        )[0]
        for region in MAINLAND
    }
    ranking = sorted(slopes, key=lambda name: -slopes[name])
    assert ranking[0] == "Île-de-France"
    assert ranking[-1] == "Bourgogne-Franche-Comté"


@pytest.mark.parametrize(("days", "lower"), [("isodow(date::date) = 7", 0.95), ("date in ('2024-05-01')", 0.97)])
def test_sundays_and_holidays_are_below_other_days(france: duckdb.DuckDBPyConnection, days: str, lower: float) -> None:
    ((ratio,),) = france.sql(f"""
        select avg(consommation_brute_electricite_rte) filter ({days})
             / avg(consommation_brute_electricite_rte) filter (isodow(date::date) between 2 and 4 and not {days})
        from consommation_quotidienne_brute_regionale where left(date, 7) = '2024-05'
    """).fetchall()
    assert ratio < lower
