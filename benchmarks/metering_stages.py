"""The steps of the readings, each in a process of its own: ``python -m benchmarks.metering_stages STEP FOLDER …``.

The copy is the project's own. The fact is made month by month, as the project renews its facts, or in one go; the mart
reads the whole fact; the publication writes both as Parquet and shows them by one rename.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from benchmarks.metering import READINGS, months
from benchmarks.metering_sql import FACT, MART, rendered
from dataelec_assets.database import MEMORY_LIMIT, connect, literal
from dataelec_assets.lake.atomic_files import copy_file, move_into_place, point_to
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.parquet_tables import survey, write_tables

# Of Spark's driver, which is the only process of `local[2]`; its default is 1g.
SPARK_MEMORY = "2g"

FACT_TABLE, MART_TABLE = "fct_demi_heures_commune", "mart_jours_commune"


def copy(folder: Path, month: str) -> int:
    """Check the arrival of a month by the contract and make the lake's copy of it; return its rows."""
    paths, arrival = LakePaths(folder / "lake"), folder / "arrivals" / f"{month}.parquet"
    raw = inspect(READINGS.id, arrival)
    with connect(spill=paths.temporary) as connection:
        return ParquetLake(paths).build(connection.cursor, READINGS, month, [(month, lambda: raw)], None).rows


def copies(folder: Path, month: str | None = None) -> list[str]:
    """Return the Parquet files of a month, or of all."""
    found = sorted((LakePaths(folder / "lake").parquet / READINGS.table).glob(f"mois={month or '*'}/*.parquet"))
    return [str(path) for path in found]


class OnDuckDB:
    """The steps on DuckDB: tables of one file, within the project's memory limit unless another is given."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection, memory: str) -> None:
        self.folder, self.connection, self.memory = folder, connection, memory

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, memory: str = MEMORY_LIMIT) -> Iterator[OnDuckDB]:
        """Open the file of the tables; closed, it holds all of them."""
        file = folder / "duckdb" / "warehouse.duckdb"
        file.parent.mkdir(parents=True, exist_ok=True)
        with connect(file, config={"memory_limit": memory}) as connection:
            yield cls(folder, connection, memory)

    def _fact(self, files: list[str]) -> str:
        names = ", ".join(map(literal, files))
        return rendered(FACT, "duckdb", copie=f"read_parquet([{names}], hive_partitioning = false)")

    def fact(self) -> None:
        """Make the fact, a month after the other."""
        begin = f"CREATE OR REPLACE TABLE {FACT_TABLE} AS"
        for files in filter(None, (copies(self.folder, month) for month in months())):
            self.connection.execute(f"{begin} {self._fact(files)}")
            begin = f"INSERT INTO {FACT_TABLE}"

    def whole(self) -> None:
        """Make the fact in one go."""
        self.connection.execute(f"CREATE OR REPLACE TABLE en_une_fois AS {self._fact(copies(self.folder))}")
        self.connection.execute("DROP TABLE en_une_fois")

    def mart(self) -> None:
        """Make the mart of the fact."""
        query = rendered(MART, "duckdb", fait=FACT_TABLE)
        self.connection.execute(f"CREATE OR REPLACE TABLE {MART_TABLE} AS {query}")

    def publish(self) -> None:
        """Write both tables as Parquet, beside a copy of the file, and show them."""
        own = self.folder / "duckdb"
        new, draft = own / f"parquet-{uuid4().hex[:8]}", own / "draft.duckdb"
        new.mkdir()
        self.connection.execute("CHECKPOINT")
        copy_file(own / "warehouse.duckdb", draft)
        with connect(draft, config={"memory_limit": self.memory}) as connection:
            write_tables(connection, new, survey(connection, None, None, ()), new, None)
        move_into_place(draft, own / "served.duckdb")
        point_to(own / "parquet", new)

    def answer(self) -> list[Any]:
        """Return sums of the mart, for a comparison with the other engine."""
        return [*self.connection.execute(_ANSWER.format(MART_TABLE)).fetchall()[0]]


class OnSpark:
    """The steps on Spark: two cores of this machine, tables as Parquet."""

    def __init__(self, folder: Path, session: Any) -> None:
        self.folder, self.session = folder, session
        self.fact_folder, self.mart_folder = folder / "spark" / FACT_TABLE, folder / "spark" / MART_TABLE

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, memory: str = SPARK_MEMORY) -> Iterator[OnSpark]:
        """Start Spark, and wait for its end."""
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.driver.memory", memory)
            .config("spark.local.dir", str(folder / "spark" / "local"))
            .config("spark.sql.shuffle.partitions", "64")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
            .config("spark.sql.parquet.compression.codec", "zstd")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
        try:
            yield cls(folder, session)
        finally:
            # What Java has used is counted once its process has ended and somebody has waited for it.
            gateway = session.sparkContext._gateway  # noqa: SLF001
            session.stop()
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait()

    def _write(self, query: str, target: Path, files: int) -> None:
        self.session.sql(query).coalesce(files).write.mode("overwrite").parquet(str(target))

    def _name(self, name: str, *files: str) -> None:
        self.session.read.parquet(*files).createOrReplaceTempView(name)

    def fact(self) -> None:
        """Make the fact, a month after the other."""
        for month in months():
            if files := copies(self.folder, month):
                self._name("copie", *files)
                self._write(rendered(FACT, "spark", copie="copie"), self.fact_folder / f"lot={month}", 2)

    def whole(self) -> None:
        """Make the fact in one go."""
        self._name("copie", *copies(self.folder))
        target = self.folder / "spark" / "en_une_fois"
        self._write(rendered(FACT, "spark", copie="copie"), target, 8)
        shutil.rmtree(target)

    def mart(self) -> None:
        """Make the mart of the fact."""
        self._name("fait", str(self.fact_folder))
        self._write(rendered(MART, "spark", fait="fait"), self.mart_folder, 1)

    def publish(self) -> None:
        """Write both tables into the folder of a publication, and show it."""
        own = self.folder / "spark"
        new = own / f"parquet-{uuid4().hex[:8]}"
        for source in (self.fact_folder, self.mart_folder):
            self.session.read.parquet(str(source)).write.parquet(str(new / source.name))
        point_to(own / "parquet", new)

    def answer(self) -> list[Any]:
        """Return sums of the mart, for a comparison with the other engine."""
        with connect() as connection:
            return [*connection.execute(_ANSWER.format(literal(f"{self.mart_folder}/*.parquet"))).fetchall()[0]]


# Sums of decimals do not depend on their order.
_ANSWER = (
    "SELECT count(*), sum(demi_heures), sum(CAST(energie_kwh AS DECIMAL(38, 4))), sum(jour_iso), "
    "sum(CAST(pointe_kw AS DECIMAL(38, 4))), sum(CAST(part_mesuree AS DECIMAL(38, 9))), "
    "sum(CAST(energie_semaine_avant_kwh AS DECIMAL(38, 4))) FROM {}"
)

ENGINES: dict[str, Callable[..., AbstractContextManager[OnDuckDB | OnSpark]]] = {
    "duckdb": OnDuckDB.opened,
    "spark": OnSpark.opened,
}

# Why a step may end without its tables: too little memory, or too little disk for what does not fit in it.
_EXHAUSTED = ("OutOfMemory", "Out of Memory", "out of memory", "No space left")


def main(step: str, folder: Path, *given: str) -> None:
    """Run a step, and print what it has to say as JSON."""
    if step == "copy":
        print(json.dumps({"rows": copy(folder, given[0])}))
        return
    engine, *memory = given
    try:
        with ENGINES[engine](folder, *memory) as steps:
            said = {"answer": getattr(steps, step)()}
    except Exception as error:  # of either engine
        words = str(error)
        if step not in ("fact", "whole") or not any(each in words for each in _EXHAUSTED):
            raise
        said = {"stopped": next(line for line in words.splitlines() if line.strip())[:200]}
    print(json.dumps(said, default=str))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
