"""What goes with consumption: a made-up year is taken apart again, and statsmodels agrees."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm

from dataelec_assets.analysis.decomposition import (
    FACTORS,
    NEWEY_WEST_LAGS,
    RESIDUAL,
    SCHEMA,
    decompositions,
    newey_west,
    variance_shares,
)
from dataelec_assets.analysis.decomposition_model import COOLING, DAY_TYPE, HEATING, HOLIDAYS, SCHOOL, TREND

Row = dict[str, Any]

# MWh: per degree below 15 °C and above 20 °C, on Saturdays, Sundays and public holidays, in school holidays, per year.
HEAT, COOL, SATURDAY, SUNDAY, HOLIDAY, AWAY, GROWTH, BASE = 50.0, 20.0, -100.0, -150.0, -160.0, -60.0, 30.0, 1000.0


def days(count: int = 1096, *, noise: float = 5.0, code: str = "11") -> list[Row]:
    """Return days from 2018-01-01 made by the numbers above, with residuals that resemble their neighbours."""
    rng = np.random.default_rng(1)
    rest = np.convolve(rng.normal(size=count + 4), np.ones(5) / np.sqrt(5), "valid") * noise
    rows = []
    for position in range(count):
        day = date(2018, 1, 1) + timedelta(days=position)
        temperature = 12 - 10 * np.cos(2 * np.pi * (position - 20) / 365.25) + 3 * rng.normal()
        off = (day.month, day.day) in {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
        kind = "férié" if off else {5: "samedi", 6: "dimanche"}.get(day.weekday(), "ouvré")
        school = 1.0 if day.month in {7, 8} or (day.month in {2, 4, 10, 12} and day.day > 16) else 0.0
        effect = {"samedi": SATURDAY, "dimanche": SUNDAY, "férié": HOLIDAY, "ouvré": 0.0}[kind]
        energy = BASE + HEAT * max(15 - temperature, 0) + COOL * max(temperature - 20, 0) + effect + AWAY * school
        rows.append(
            {
                "code_region": code,
                "energie": "electricite",
                "date": day,
                "energie_mwh": energy + GROWTH * position / 365.2425 + rest[position],
                "temperature_lissee_c": temperature,
                "mois_de_annee": day.month,
                "type_jour": kind,
                "est_pont": position % 97 == 0,
                "part_vacances": school,
            }
        )
    return rows


def by_factor(rows: list[Row]) -> dict[str, Row]:
    found: list[Row] = decompositions(pa.Table.from_pylist(rows)).to_pylist()
    assert [row["facteur"] for row in found] == list(FACTORS)
    return {row["facteur"]: row for row in found}


def test_a_made_up_consumption_is_taken_apart_again() -> None:
    rows = days()
    found = by_factor(rows)
    temperatures = np.array([row["temperature_lissee_c"] for row in rows])
    kinds = [row["type_jour"] for row in rows]
    truth = {
        HEATING: HEAT * np.maximum(15 - temperatures, 0).sum(),
        COOLING: COOL * np.maximum(temperatures - 20, 0).sum(),
        DAY_TYPE: SATURDAY * kinds.count("samedi") + SUNDAY * kinds.count("dimanche"),
        HOLIDAYS: HOLIDAY * kinds.count("férié"),
        SCHOOL: AWAY * sum(row["part_vacances"] for row in rows),
        TREND: GROWTH * sum(range(len(rows))) / 365.2425,
    }
    for factor, energy in truth.items():
        row = found[factor]
        half = row["contribution_ic95_haut_mwh"] - row["contribution_mwh"]
        # Six intervals at 95 % need not all hold the truth; three standard errors should.
        assert abs(row["contribution_mwh"] - energy) <= 3 / 1.96 * half, factor
        assert row["contribution_mwh"] == pytest.approx(energy, rel=0.15), factor
        assert (row["est_fiable"], row["motif"]) == (True, None), factor
    assert (found[HEATING]["seuil_chauffage_c"], found[COOLING]["seuil_climatisation_c"]) == (15.0, 20.0)


def test_reference_and_contributions_add_up_to_the_energy_and_shares_to_a_hundred() -> None:
    found = by_factor(days())
    total = sum(row["energie_mwh"] for row in days())
    energies = sum(row["contribution_mwh"] for row in found.values())
    assert found[TREND]["reference_mwh"] + energies == pytest.approx(total, rel=1e-9)
    assert found[TREND]["energie_totale_mwh"] == pytest.approx(total)
    shares = [row["contribution_part_variance_pct"] for row in found.values()]
    assert sum(shares) == pytest.approx(100)
    assert min(shares) >= 0
    assert found[RESIDUAL]["contribution_part_variance_pct"] == pytest.approx(100 * (1 - found[TREND]["r2"]))


def test_errors_are_those_of_statsmodels_robust_to_autocorrelation() -> None:
    rng = np.random.default_rng(2)
    design = sm.add_constant(rng.normal(size=(400, 3)))
    values = design @ np.array([1.0, 2.0, 0.0, -1.0]) + np.convolve(rng.normal(size=404), np.ones(5), "valid")
    fit = sm.OLS(values, design).fit(cov_type="HAC", cov_kwds={"maxlags": NEWEY_WEST_LAGS, "use_correction": False})
    assert newey_west(design, values - design @ fit.params) == pytest.approx(fit.cov_params(), rel=1e-9)
    ordinary = sm.OLS(values, design).fit()
    assert (np.sqrt(np.diag(fit.cov_params())) > ordinary.bse)[0]


def test_shares_of_variance_are_the_mean_gain_over_all_orders_of_entry() -> None:
    rng = np.random.default_rng(3)
    shared = rng.normal(size=300)
    columns = np.column_stack([shared + rng.normal(size=300), shared + rng.normal(size=300), rng.normal(size=(300, 2))])
    values = columns @ np.array([1.0, 1.0, 0.5, 0.2]) + rng.normal(size=300)
    groups = np.array([0, 1, 2, 2])

    def r2(chosen: tuple[int, ...]) -> float:
        kept = columns[:, np.isin(groups, chosen)]
        return float(sm.OLS(values, sm.add_constant(kept)).fit().rsquared) if chosen else 0.0

    gains = np.zeros(3)
    orders = list(permutations(range(3)))
    for order in orders:
        for position, group in enumerate(order):
            gains[group] += (r2(order[: position + 1]) - r2(order[:position])) / len(orders)
    assert variance_shares(columns, values, groups, 3) == pytest.approx(gains)


def spoilt(**changes: Any) -> list[Row]:
    return [{**row, **changes} for row in days()]


@pytest.mark.parametrize(
    ("rows", "reason", "count"),
    [
        (days()[:1], "moins de 180 jours complets", 1),
        (days()[:179], "moins de 180 jours complets", 179),
        (spoilt(energie_mwh=700.0), "consommation constante", 1096),
        (spoilt(energie_mwh=None), "aucun jour complet", 0),
        (spoilt(part_vacances=None), "aucun jour complet", 0),
    ],
    ids=["single", "half a year", "constant", "without energy", "without calendar"],
)
def test_what_cannot_be_told_is_null_with_its_reason(rows: list[Row], reason: str, count: int) -> None:
    schema = pa.Table.from_pylist(days()[:1]).schema
    for row in decompositions(pa.Table.from_pylist(rows, schema=schema)).to_pylist():
        assert (row["contribution_mwh"], row["contribution_part_variance_pct"], row["r2"]) == (None, None, None)
        assert (row["est_fiable"], row["motif"], row["nombre_jours"]) == (False, reason, count)


def test_no_days_make_an_empty_table_with_its_types() -> None:
    empty = pa.Table.from_pylist(days()[:1]).slice(0, 0)
    assert decompositions(empty).equals(SCHEMA.empty_table())


def test_a_factor_that_never_varies_is_left_out_and_the_others_stay() -> None:
    found = by_factor([{**row, "type_jour": "ouvré", "est_pont": False} for row in days()])
    for factor in (DAY_TYPE, HOLIDAYS):
        assert (found[factor]["contribution_mwh"], found[factor]["motif"]) == (None, "facteur constant sur ces jours")
    assert found[HEATING]["contribution_mwh"] > 0


def test_less_than_two_years_have_no_trend() -> None:
    found = by_factor(days(700))
    assert found[TREND]["contribution_mwh"] is None
    assert "moins de deux ans" in found[TREND]["motif"]
    assert found[HEATING]["est_fiable"]


def test_a_consumption_that_falls_in_the_heat_has_no_cooling() -> None:
    rows = [{**row, "energie_mwh": 2000.0 - 20 * max(row["temperature_lissee_c"], 0)} for row in days()]
    found = by_factor([{**row, "energie_mwh": row["energie_mwh"] + (7 * n) % 11} for n, row in enumerate(rows)])
    assert found[COOLING]["contribution_mwh"] is None
    assert "aucune hausse avec la chaleur" in found[COOLING]["motif"]
    # A straight line has no threshold: the best one is at the edge of the grid, and that is said.
    assert found[HEATING]["motif"] == "seuil au bord de la grille"


def test_territories_are_taken_apart_each_by_itself_whatever_the_order_of_the_rows() -> None:
    both = [*days(400), *days(500, code="24")]
    once = decompositions(pa.Table.from_pylist(both))
    again = decompositions(pa.Table.from_pylist(both[::-1]))
    assert once.equals(again)
    assert once.column("code_region").to_pylist() == ["11"] * 7 + ["24"] * 7
    assert once.slice(0, 7).equals(decompositions(pa.Table.from_pylist(days(400))))
