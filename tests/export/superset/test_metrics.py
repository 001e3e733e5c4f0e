"""What a metric gives is right for whatever it is grouped by, or it gives nothing: asked of DuckDB, on a few rows."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from dataelec_assets.export.superset.metrics import Metric, metric_of
from dataelec_assets.warehouse.semantics import Aggregation, Meaning

KEY = ("maille", "code_territoire", "date")
# Two régions on two days, and France on the first.
ROWS = (
    "(VALUES ('region', '11', DATE '2024-01-01', 10.0, 1.0), ('region', '11', DATE '2024-01-02', 30.0, 3.0), "
    "('region', '84', DATE '2024-01-01', 100.0, 1.0), ('region', '84', DATE '2024-01-02', NULL, 5.0), "
    "('nation', 'FR', DATE '2024-01-01', 110.0, 2.0)) AS t(maille, code_territoire, date, x, poids)"
)


def metric(rule: Aggregation, unit: str = "MWh", key: Sequence[str] = KEY, column: str = "x") -> Metric:
    weight = "poids" if rule == "ponderee" else None
    meaning = Meaning("t", column, "mesure", unit, rule, weight, "X (MWh)", (), "Ce que c'est.")
    return metric_of(meaning, key, ["date"], ["code_territoire"])


def asked(expression: str, where: str = "maille = 'region'", by: str = "()") -> list[float | None]:
    query = f"SELECT {expression} FROM {ROWS} WHERE {where} GROUP BY {by} ORDER BY 1"
    with duckdb.connect() as connection:
        return [value for (value,) in connection.execute(query).fetchall()]


def test_an_amount_adds_up_over_territories_and_time() -> None:
    assert asked(metric("somme").expression) == [140.0]


@pytest.mark.parametrize("rule", ["somme", "somme_territoires", "somme_temps", "ponderee"])
def test_grains_that_overlap_give_nothing_rather_than_a_double_count(rule: Aggregation) -> None:
    ours = metric(rule)
    assert asked(ours.expression, "true") == [None]
    assert None not in asked(ours.expression, "true", "maille")
    assert ours.warning is not None
    assert "maille" in ours.warning


def test_a_table_of_one_grain_needs_no_guard() -> None:
    ours = metric("somme", key=("date",))
    assert (ours.expression, ours.warning) == ("SUM(x)", None)


def test_a_state_adds_up_over_territories_and_is_averaged_over_time() -> None:
    state = metric("somme_territoires").expression
    assert asked(state, by="date") == [30.0, 110.0]
    assert asked(state, "code_territoire = '11'") == [20.0]
    assert asked(state) == [70.0]


def test_a_state_without_a_value_does_not_count_as_a_day() -> None:
    assert asked(metric("somme_territoires").expression, "code_territoire = '84'") == [100.0]


def test_an_amount_of_time_adds_up_over_time_and_is_averaged_over_territories() -> None:
    duration = metric("somme_temps").expression
    assert asked(duration, "code_territoire = '11'") == [40.0]
    assert asked(duration, "maille = 'region' AND date = DATE '2024-01-01'") == [55.0]


def test_a_level_is_averaged() -> None:
    assert asked(metric("moyenne").expression) == [pytest.approx(140 / 3)]


def test_a_rate_is_averaged_by_its_weight_where_it_is_known() -> None:
    assert asked(metric("ponderee").expression) == [(10 * 1 + 30 * 3 + 100 * 1) / 5]


def test_extremes_are_the_extremes() -> None:
    assert asked(metric("maximum").expression) == [100.0]
    assert asked(metric("minimum").expression) == [10.0]


def test_what_does_not_aggregate_is_read_one_row_at_a_time() -> None:
    value = metric("aucune")
    assert asked(value.expression) == [None]
    assert asked(value.expression, "code_territoire = 'FR'") == [110.0]
    assert value.warning == "Se lit ligne par ligne : vide dès que plusieurs lignes se mêlent."


def test_the_description_says_what_it_is_and_how_it_is_aggregated() -> None:
    said = metric("ponderee").description
    assert said == "Ce que c'est. Moyenne pondérée par « poids »."


@pytest.mark.parametrize(
    ("column", "unit", "expected"),
    [("x", "MWh", ",.0f"), ("x", "%", ",.1f"), ("taux_occupation", "1", ",.0%"), ("r2", "1", ",.2f")],
)
def test_numbers_are_written_as_their_unit_is_read(column: str, unit: str, expected: str) -> None:
    assert metric("aucune", unit, column=column).format == expected


def test_a_dimension_has_no_metric() -> None:
    with pytest.raises(ValueError, match=r"t\.x is not a measure"):
        metric_of(Meaning("t", "x", "dimension", None, None, None, "X", (), ""), KEY, [], [])
