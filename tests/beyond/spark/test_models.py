"""A handful of models, with their checks, gives the same rows on both engines; so does a month that is renewed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dataelec_assets.warehouse import spark_build
from dataelec_assets.warehouse.spark_build import keep_shared_views
from tests.beyond.spark.engines import Engines, Rows
from tests.dbt.bornes import LIVE, A, B, at, state
from tests.dbt.consumption import GAS_STOCK, stock_day

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

pytestmark = [pytest.mark.beyond, pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning")]

SELECT = ("+mart_stock_gaz_national", "dim_departement", "dim_region", "+dim_date", "+fct_statut_borne")


@pytest.fixture(scope="module")
def built(engines: Engines) -> Engines:
    """Return some days of gas stocks and of charging points, built on both engines."""
    days = [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]
    engines.lake.write(GAS_STOCK, [row for n, day in enumerate(days) for row in stock_day(day, gwh=10_000 + 0.1 * n)])
    points = {A: "Disponible", B: "Occupé (en charge)"}
    engines.lake.write(LIVE, [*state(at(10, 0), points), *state(at(10, 0, 1, 2), points)])
    engines.make(*SELECT)
    return engines


def same(pair: tuple[Rows, Rows]) -> Rows:
    """Return the rows that both engines have."""
    on_duckdb, on_spark = pair
    assert on_duckdb == on_spark
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
    before = states(built)
    assert {row[-1] for row in before} == {"2023-01", "2023-02"}
    # January is behind the lake too, and is not asked for.
    built.lake.write(LIVE, [*state(at(10, 0), {B: "En maintenance"}), *state(at(10, 0, 1, 2), {A: "En maintenance"})])
    built.make("fct_statut_borne", months=["2023-02"])
    after = states(built)
    assert [row for row in after if row[-1] == "2023-01"] == [row for row in before if row[-1] == "2023-01"]
    assert [row[1] for row in after if row[-1] == "2023-02"] == ["hors_service"]
    built.lake.drop(LIVE, "2023-02-01")
    built.make("fct_statut_borne", months=["2023-02"])
    assert {row[-1] for row in states(built)} == {"2023-01"}


def test_a_table_whose_columns_are_not_those_of_its_contract_is_not_made(
    built: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def promise_a_text(manifest: Any) -> None:
        keep_shared_views(manifest)
        manifest.nodes["model.dataelec.mart_stock_gaz_national"].columns["nombre_pits"].data_type = "varchar"

    monkeypatch.setattr(spark_build, "keep_shared_views", promise_a_text)
    results = built.on_spark("run", "--select", "mart_stock_gaz_national")
    result = results["mart_stock_gaz_national"]
    assert result.status == "error"
    assert "nombre_pits (string promised, integer given)" in result.message
    assert len(same(built.rows("main.mart_stock_gaz_national", "date, stock_gwh"))) == 4


def states(built: Engines) -> Rows:
    """Return the states of charging points that both engines have; the last column is the month."""
    return same(built.rows("main.fct_statut_borne", "id_pdc, statut, code_arrondissement, mois"))
