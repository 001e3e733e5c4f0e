"""A standalone cluster of two workers on loopback, one of whose executors is killed in the middle of a build."""

from __future__ import annotations

import os
import signal
from datetime import date
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.beyond.spark.engines import Engines
from tests.beyond.spark.servers import ALONE, Cluster, cluster
from tests.dbt.consumption import GAS_STOCK, stock_day
from tests.dbt.lakes import TinyLake

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

pytestmark = [
    pytest.mark.beyond,
    pytest.mark.whole,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning"),
]

SELECT = ("+mart_stock_gaz_national", "dim_departement", "dim_region", "+dim_date")


def test_a_killed_executor_changes_no_table(tmp_path: Path) -> None:
    from dataelec_assets.warehouse.spark_session import open_session

    lake = TinyLake.empty(tmp_path / "lake")
    days = [date(2026, 1, day) for day in range(1, 5)]
    lake.write(GAS_STOCK, [row for n, day in enumerate(days) for row in stock_day(day, gwh=10_000 + 0.1 * n)])
    killed: list[int] = []
    tables, done = tmp_path / "lake" / "spark" / "tables" / "intermediate", Event()

    def kill(running: Cluster) -> None:
        """Kill one executor as soon as a first table is there."""
        while not done.wait(0.05):
            if tables.exists() and any(tables.iterdir()) and (found := running.executors()):
                os.kill(found[0], signal.SIGKILL)
                killed.append(found[0])
                return

    with cluster(tmp_path) as running:
        session = open_session(running.address, tmp_path / "tables", memory="1g", options=ALONE)
        try:
            engines = Engines(lake, session)
            killer = Thread(target=kill, args=(running,))
            killer.start()
            engines.make(*SELECT)
            done.set()
            killer.join()
            assert len(killed) == 1
            assert killed[0] not in running.executors()
            for table, columns in (
                ("main.mart_stock_gaz_national", "date, stock_gwh, nombre_pits, est_complet"),
                ("main.fct_stock_gaz", "date, pits, stock_gwh"),
                ("main.dim_date", "date, jour_de_semaine, semaine_iso, nombre_heures"),
                ("main.dim_departement", "code_departement, nom_departement"),
            ):
                on_duckdb, on_spark = engines.rows(table, columns)
                assert on_duckdb == on_spark
        finally:
            done.set()
            session.stop()
