"""Occupation by class: rates known by construction, intervals that know what a day is, and what is not said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dataelec_assets.analysis.occupation import FEWEST_DAYS, SCHEMA, TOO_FEW, occupation_by_class

FIRST = date(2023, 1, 2)  # a Monday
INPUT = pa.schema(
    [
        ("date_locale", pa.date32()),
        ("heure_locale", pa.int32()),
        ("jour_semaine", pa.int32()),
        ("minutes_occupees", pa.float64()),
        ("minutes_observees", pa.float64()),
        ("temperature_c", pa.float64()),
        ("precipitation_mm", pa.float64()),
    ]
)


def hour(day: int, hour: int, rate: float, **other: Any) -> dict[str, Any]:
    when = FIRST + timedelta(days=day)
    observed = other.pop("observed", 1000.0)
    return {
        "date_locale": when,
        "heure_locale": hour,
        "jour_semaine": when.isoweekday(),
        "minutes_occupees": rate * observed,
        "minutes_observees": observed,
        "temperature_c": 8.0,
        "precipitation_mm": 0.0,
        **other,
    }


def found(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    table = occupation_by_class(pa.Table.from_pylist(rows, schema=INPUT))
    assert table.schema.equals(SCHEMA)
    return {(row["decoupe"], row["classe"]): row for row in table.to_pylist()}


def test_without_hours_there_is_an_empty_typed_table() -> None:
    assert occupation_by_class(INPUT.empty_table()).equals(SCHEMA.empty_table())
    assert occupation_by_class(pa.Table.from_pylist([hour(0, 9, 0.0, observed=0.0)], schema=INPUT)).num_rows == 0


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_what_never_changes_has_that_rate_and_no_width(rate: float) -> None:
    row = found([hour(day, 9, rate) for day in range(20)])["ensemble", "ensemble"]
    assert (row["taux_occupation"], row["ic95_bas"], row["ic95_haut"]) == (rate, rate, rate)


def test_rates_weigh_hours_by_their_minutes() -> None:
    rows = found([hour(0, 9, 1.0, observed=100.0), hour(0, 10, 0.0, observed=300.0)])
    assert rows["ensemble", "ensemble"]["taux_occupation"] == 0.25
    assert (rows["heure", "9 h"]["taux_occupation"], rows["heure", "10 h"]["taux_occupation"]) == (1.0, 0.0)
    assert rows["heure", "11 h"]["taux_occupation"] is None
    assert rows["heure", "11 h"]["motif"] == "aucune heure"


def test_below_ten_days_there_is_a_rate_and_no_interval() -> None:
    for days, fits in ((FEWEST_DAYS - 1, False), (FEWEST_DAYS, True)):
        row = found([hour(day, each, 0.3 + 0.01 * day) for day in range(days) for each in range(24)])["heure", "9 h"]
        assert row["taux_occupation"] is not None
        assert (row["est_fiable"], row["ic90_bas"] is not None) == (fits, fits)
        assert row["motif"] == (None if fits else TOO_FEW)


def test_the_interval_is_that_of_days_not_of_hours() -> None:
    # Forty days that differ, each the same all day: the hours of a day carry no more information than one of them.
    draws = np.random.default_rng(1).normal(0.4, 0.1, 40)
    one = found([hour(day, 9, rate) for day, rate in enumerate(draws)])["ensemble", "ensemble"]
    all_day = found([hour(day, each, rate) for day, rate in enumerate(draws) for each in range(24)])
    width = one["ic95_haut"] - one["ic95_bas"]
    assert all_day["ensemble", "ensemble"]["ic95_haut"] - all_day["ensemble", "ensemble"]["ic95_bas"] == pytest.approx(
        width
    )
    # Four standard errors of a mean of forty days.
    assert width == pytest.approx(2 * 1.96 * draws.std(ddof=1) / np.sqrt(40), rel=0.1)
    assert one["ic95_bas"] < one["ic90_bas"] < one["taux_occupation"] < one["ic90_haut"] < one["ic95_haut"]


def test_the_interval_covers_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    hits = 0
    for _ in range(100):
        row = found([hour(day, 9, rate) for day, rate in enumerate(random.uniform(0.2, 0.6, 60))])["heure", "9 h"]
        hits += row["ic95_bas"] <= 0.4 <= row["ic95_haut"]
    # 95 of a hundred, and three standard errors of that.
    assert 88 <= hits <= 100


def test_classes_are_half_open_and_a_missing_reading_is_in_none() -> None:
    rows = found(
        [
            hour(0, 9, 0.1, temperature_c=4.99, precipitation_mm=0.0),
            hour(0, 10, 0.2, temperature_c=5.0, precipitation_mm=0.1),
            hour(0, 11, 0.3, temperature_c=-3.0, precipitation_mm=None),
            hour(0, 12, 0.4, temperature_c=31.0, precipitation_mm=0.05),
            hour(0, 13, 0.5, temperature_c=None, precipitation_mm=None),
        ]
    )
    temperatures = {name: row["taux_occupation"] for (cut, name), row in rows.items() if cut == "temperature"}
    assert temperatures["moins de 0 °C"] == pytest.approx(0.3)
    assert temperatures["0 à 5 °C"] == pytest.approx(0.1)
    assert temperatures["5 à 10 °C"] == pytest.approx(0.2)
    assert temperatures["30 °C et plus"] == pytest.approx(0.4)
    assert rows["pluie", "sans pluie"]["nombre_heures"] == 2
    assert rows["pluie", "pluie"]["nombre_heures"] == 1


def test_the_adjusted_difference_takes_the_hour_out() -> None:
    # Nights are cold and little used, days are warm and much used, and the weather itself changes nothing.
    rows = found(
        [
            hour(day, each, 0.6 if each == 14 else 0.1, temperature_c=12.0 if each == 14 else 2.0)
            for day in range(14)
            for each in (2, 14)
        ]
    )
    cold, warm = rows["temperature", "0 à 5 °C"], rows["temperature", "10 à 15 °C"]
    assert (cold["taux_occupation"], warm["taux_occupation"]) == (pytest.approx(0.1), pytest.approx(0.6))
    assert cold["ecart_ajuste"] == pytest.approx(0, abs=1e-12)
    assert warm["ecart_ajuste_ic95_haut"] == pytest.approx(0, abs=1e-12)
    assert rows["heure", "14 h"]["ecart_ajuste"] is None


def test_cold_that_does_change_something_is_found() -> None:
    rows = found([hour(day, 9, 0.5 if day % 2 else 0.3, temperature_c=2.0 if day % 2 else 12.0) for day in range(70)])
    assert rows["temperature", "0 à 5 °C"]["ecart_ajuste"] == pytest.approx(0.1, abs=0.02)
    assert rows["temperature", "0 à 5 °C"]["ecart_ajuste_ic95_bas"] > 0.05


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = [hour(day, each, 0.2 + 0.01 * each) for day in range(12) for each in range(24)]
    tables = [occupation_by_class(pa.Table.from_pylist(each, schema=INPUT)) for each in (rows, rows[::-1])]
    assert tables[0].equals(tables[1])
