"""The best thresholds: the rule that made the days is found again, and what does not move has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from statsmodels.api import OLS

from dataelec_assets.analysis.thresholds import BOTH, COOLING_GRID, HEATING, HEATING_GRID, thresholds
from tests.analysis.test_thermosensibilite import made_days

# 10 MW per degree below 15, 4 MW per degree above 20, a level of its own for each group and each heating year. In 24
# the temperature is constant.
RULE = """
11,2019-2020,ouvré 0,5000,1100000
11,2019-2020,ouvré 0,11000,1040000
11,2019-2020,ouvré 0,14500,1005000
11,2019-2020,ouvré 0,15500,1000000
11,2019-2020,ouvré 0,18000,1000000
11,2019-2020,ouvré 0,19500,1000000
11,2019-2020,ouvré 0,20500,1002000
11,2019-2020,ouvré 0,25000,1020000
11,2019-2020,samedi 0,5000,600000
11,2019-2020,samedi 0,15000,500000
11,2020-2021,ouvré 0,10000,2050000
11,2020-2021,ouvré 0,16000,2000000
24,2019-2020,ouvré 0,5000,1100000
24,2019-2020,ouvré 0,5000,1040000
"""


def by_rule() -> pa.Table:
    """Return the days of ``RULE``."""
    rows = [line.split(",") for line in RULE.strip().splitlines()]
    return pa.Table.from_pylist(
        [
            {
                "maille": "region",
                "code_territoire": code,
                "energie": "electricite",
                "annee_de_chauffe": year,
                "groupe": group,
                "temperature_mc": int(temperature),
                "puissance_kw": int(power),
            }
            for code, year, group, temperature, power in rows
        ]
    )


def found(days: pa.Table) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the rows of :func:`thresholds` by territory, period and model."""
    rows = thresholds(days).to_pylist()
    keyed = {(row["code_territoire"], row["periode"], row["modele"]): row for row in rows}
    assert len(keyed) == len(rows)
    return keyed


def test_the_rule_that_made_the_days_is_found_exactly() -> None:
    rows = found(by_rule())
    # Heating alone takes cooling for less cold, and errs on its threshold; a constant temperature has no row.
    assert {
        key: (row["seuil_chauffage_mc"], row["seuil_climatisation_mc"], row["gradient_climatisation_mw_par_c"])
        for key, row in rows.items()
    } == {
        ("11", "ensemble", BOTH): (15_000, 20_000, pytest.approx(4, rel=1e-12)),
        ("11", "2019-2020", BOTH): (15_000, 20_000, pytest.approx(4, rel=1e-12)),
        ("11", "ensemble", HEATING): (14_500, None, None),
        ("11", "2019-2020", HEATING): (14_500, None, None),
        ("11", "2020-2021", HEATING): (10_500, None, None),
    }
    assert {key: (row["nombre_jours_sous_seuil"], row["nombre_jours_au_dessus"]) for key, row in rows.items()} == {
        ("11", "ensemble", BOTH): (5, 2),
        ("11", "2019-2020", BOTH): (4, 2),
        ("11", "ensemble", HEATING): (4, None),
        ("11", "2019-2020", HEATING): (3, None),
        ("11", "2020-2021", HEATING): (1, None),
    }
    assert rows["11", "ensemble", BOTH]["gradient_chauffage_mw_par_c"] == pytest.approx(10, rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_pair_of_the_grid_fits_better_than_the_one_that_is_found(seed: int) -> None:
    days = made_days(count=400, seed=seed)
    row = found(pa.Table.from_pandas(days))["11", "ensemble", BOTH]
    dummies = pd.get_dummies(days["annee_de_chauffe"] + days["groupe"]).to_numpy(float)
    power, temperature = days["puissance_kw"].to_numpy() / 1000, days["temperature_mc"].to_numpy()

    def fitted(low: int, high: int) -> Any:
        hinges = [np.maximum(low - temperature, 0) / 1000, np.maximum(temperature - high, 0) / 1000]
        return OLS(power, np.column_stack([*hinges, dummies])).fit()

    squares = {
        (low, high): fitted(low, high).ssr
        for low in HEATING_GRID.tolist()
        for high in COOLING_GRID.tolist()
        if high > low and (temperature > high).any()
    }
    best = min(squares, key=lambda pair: squares[pair])
    assert (row["seuil_chauffage_mc"], row["seuil_climatisation_mc"]) == best
    assert [row["gradient_chauffage_mw_par_c"], row["gradient_climatisation_mw_par_c"]] == pytest.approx(
        fitted(*best).params[:2], rel=1e-6
    )


def test_the_order_of_the_rows_changes_no_digit() -> None:
    days = made_days()
    shuffled = days.sample(frac=1, random_state=3)
    assert thresholds(pa.Table.from_pandas(shuffled)).to_pylist() == thresholds(pa.Table.from_pandas(days)).to_pylist()


def test_no_day_has_no_threshold() -> None:
    assert thresholds(by_rule().slice(0, 0)).num_rows == 0
