"""A server that is asked by address gives the same tables; it computes on a standalone cluster of two workers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from dataelec_assets.warehouse.spark_build import tables_folder
from dataelec_assets.warehouse.spark_session import open_session
from dataelec_assets.warehouse.spark_tables import columns_of, show_tables
from tests.beyond.spark.engines import Engines, Rows
from tests.beyond.spark.servers import cluster, connect_server
from tests.dbt.bornes import LIVE, A, B, at, state
from tests.dbt.consumption import GAS_STOCK, stock_day
from tests.dbt.lakes import TinyLake

for name in ("pyspark", "grpc_status"):
    pytest.importorskip(name, reason="Spark Connect is in the environment of `make beyond`")

pytestmark = [
    pytest.mark.beyond,
    pytest.mark.whole,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning"),
]

SELECT = ("+mart_stock_gaz_national", "+fct_statut_borne", "+int_consommation_annuelle_secrets", "+dim_date")

TABLES = {
    "main.mart_stock_gaz_national": "date, stock_gwh, nombre_pits, est_complet",
    "main.dim_date": "date, jour_de_semaine, semaine_iso, nombre_heures",
    "main.fct_statut_borne": "id_pdc, statut, code_arrondissement, mois",
}


def test_tables_made_by_address_are_the_same_and_a_later_session_renews_a_month(tmp_path: Path) -> None:
    # A process that has asked by Spark Connect can have no Spark of its own any more; other tests may need theirs.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        before, after = pool.submit(built_by_address, tmp_path).result()
    assert {table: len(rows) for table, (rows, _) in before.items()} == dict(zip(TABLES, (3, 11322, 4), strict=True))
    for on_duckdb, on_spark in (*before.values(), *after.values()):
        assert on_duckdb == on_spark
    states = after["main.fct_statut_borne"][1]
    assert [(status, month) for _, status, _, month in states if month == "2023-02"] == [("hors_service", "2023-02")]
    assert len(states) == 3


def built_by_address(folder: Path) -> tuple[dict[str, tuple[Rows, Rows]], dict[str, tuple[Rows, Rows]]]:
    """Return the rows of both engines, after a build and after another session has renewed a month."""
    lake = TinyLake.empty(folder / "lake")
    lake.write(GAS_STOCK, [row for day in (1, 2, 3) for row in stock_day(date(2026, 1, day), gwh=10_000 + 0.1 * day)])
    points = {A: "Disponible", B: "Occupé (en charge)"}
    lake.write(LIVE, [*state(at(10, 0), points), *state(at(10, 0, 1, 2), points)])
    tables = tables_folder(lake.paths)
    with cluster(folder) as running, connect_server(folder, running.address) as address:
        with engines_at(address, lake) as engines:
            engines.make(*SELECT)
            before = {table: engines.rows(table, columns) for table, columns in TABLES.items()}
            assert len(running.executors()) == 2
            known = columns_of(engines.spark, tables)

        lake.write(LIVE, state(at(10, 0, 1, 2), {A: "En maintenance"}))
        with engines_at(address, lake) as engines:
            show_tables(engines.spark, tables, known)
            engines.make("+fct_statut_borne", months=["2023-02"])
            after = {table: engines.rows(table, columns) for table, columns in TABLES.items()}
    return before, after


@contextmanager
def engines_at(address: str, lake: TinyLake) -> Iterator[Engines]:
    """Open a session, and end it while its server still answers: it would be asked for minutes."""
    session = open_session(address, tables_folder(lake.paths))
    try:
        yield Engines(lake, session)
    finally:
        session.stop()
