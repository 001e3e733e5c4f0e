"""A handful of models, with their checks, gives the same rows on both engines; so does a month that is renewed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.beyond.spark.engines import Engines
from tests.dbt.consumption import GAS_STOCK, stock_day

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

pytestmark = [pytest.mark.beyond, pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning")]

SELECT = ("+mart_stock_gaz_national", "dim_departement", "dim_region", "+dim_date")

STOCKS = "date, pits, stock_gwh, mois"


@pytest.fixture(scope="module")
def built(engines: Engines) -> Engines:
    """Return a winter of gas stocks, built on both engines."""
    days = [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]
    engines.lake.write(GAS_STOCK, [row for n, day in enumerate(days) for row in stock_day(day, gwh=10_000 + 0.1 * n)])
    engines.make(*SELECT)
    return engines


def same(pair: tuple[object, object]) -> list[tuple[object, ...]]:
    """Return the rows that both engines have."""
    on_duckdb, on_spark = pair
    assert on_duckdb == on_spark
    assert isinstance(on_spark, list)
    return on_spark


def test_an_ordered_sum_is_the_same_to_the_last_digit(built: Engines) -> None:
    assert len(same(built.rows("main.mart_stock_gaz_national", "date, stock_gwh, nombre_pits, est_complet"))) == 4


def test_weekdays_and_weeks_of_every_day_are_the_same(built: Engines) -> None:
    columns = "date, jour_de_semaine, annee_iso, semaine_iso, saison, type_jour, est_ferie, nombre_heures"
    days = same(built.rows("main.dim_date", columns))
    assert ("2026-11-29", 7) in {(str(day), weekday) for day, weekday, *_ in days}


def test_names_with_apostrophes_are_loaded_whole(built: Engines) -> None:
    names = same(
        built.rows("main.dim_departement", "code_departement, nom_departement, code_region, est_metropolitain")
    )
    assert ("22", "Côtes-d'Armor", "53", True) in names


def test_only_the_months_of_a_build_are_renewed(built: Engines) -> None:
    before = same(built.rows("main.fct_stock_gaz", STOCKS))
    built.lake.write(GAS_STOCK, stock_day(date(2026, 1, 1), gwh=9_000))
    # December is behind the lake too, and is not asked for.
    built.lake.write(GAS_STOCK, stock_day(date(2025, 12, 31), gwh=1))
    built.make("fct_stock_gaz", "mart_stock_gaz_national", months=["2026-01"])
    after = same(built.rows("main.fct_stock_gaz", STOCKS))
    assert [row for row in after if row[3] == "2025-12"] == [row for row in before if row[3] == "2025-12"]
    assert {row[0] for row in after if row[3] == "2026-01"} == {date(2026, 1, 1)}
    built.lake.drop(GAS_STOCK, "2026-01")
    built.make("fct_stock_gaz", "mart_stock_gaz_national", months=["2026-01"])
    assert {row[3] for row in same(built.rows("main.fct_stock_gaz", STOCKS))} == {"2025-12"}
