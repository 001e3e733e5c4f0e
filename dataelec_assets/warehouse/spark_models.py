"""Models in Python on Spark: a step on Arrow in this process, in its place among the models of dbt.

dbt-spark sends such models to Databricks. Ours are small, and know neither engine: what they read comes from Spark as
Arrow, what they return goes back as a table of the same name (docs/decisions/0067).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dataelec_assets.database import connect

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

_METHOD = "arrow"


@contextmanager
def steps_on_arrow(session: SparkSession, tables: str) -> Iterator[None]:
    """Let dbt-spark ask this session, and run models in Python here, within the block."""
    from dbt.adapters.spark.impl import SparkAdapter
    from dbt.adapters.spark.session import Cursor
    from dbt_common.exceptions import DbtRuntimeError
    from pyspark.errors import PySparkException

    class Step:
        """What dbt calls with the text of a model."""

        def __init__(self, model: Mapping[str, Any], _credentials: Any) -> None:
            self._model = model

        def submit(self, code: str) -> None:
            run_model(session, tables, self._model, code)

    def execute(self: Any, sql: str, *parameters: Any) -> None:
        try:
            self._df = session.sql(sql % parameters if parameters else sql)
        except PySparkException as error:
            raise DbtRuntimeError(str(error)) from error

    patched = (
        # dbt-spark would open a session of its own, and set `spark.sql.ansi.enabled` to false before each statement.
        (Cursor, "execute", execute),
        (SparkAdapter, "python_submission_helpers", property(lambda _: {_METHOD: Step})),
        (SparkAdapter, "default_python_submission_method", property(lambda _: _METHOD)),
    )
    before = [vars(owner)[name] for owner, name, _ in patched]
    for owner, name, value in patched:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for (owner, name, _), value in zip(patched, before, strict=True):
            setattr(owner, name, value)


def run_model(session: SparkSession, tables: str, model: Mapping[str, Any], code: str) -> None:
    """Run a model in Python and write what it returns as its table.

    A model of dbt-duckdb reads relations of DuckDB; here each is what Spark gives, in a DuckDB without a file.

    Args:
        session: where tables are.
        tables: folder of their files.
        model: dbt's node.
        code: the model with dbt's own functions behind it.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    own = f"{model['schema']}.{model['alias']}"
    names: dict[str, Any] = {}
    exec(compile(code, str(model["original_file_path"]), "exec"), names)  # noqa: S102 - a model of this project
    with connect() as local:
        asked = names["dbtObj"](lambda name: local.from_arrow(session.table(name).toArrow()))
        is_there = session.catalog.tableExists(own)
        if is_there:
            local.execute(f"CREATE SCHEMA {model['schema']}")
            local.from_arrow(session.table(own).toArrow()).create(own)
        found: pa.Table = names["model"](asked, local)
        key = model["config"].get("unique_key")
        if is_there and key and asked.is_incremental:
            made = local.from_arrow(found)
            kept = local.table(own).filter(f"{key} NOT IN (SELECT {key} FROM made)")
            found = kept.union(made.select(", ".join(kept.columns))).to_arrow_table()
    session.sql(f"drop table if exists {own}")
    location = f"{tables}/{model['schema']}/{model['alias']}"
    # Of a table of Arrow without rows PySpark makes nothing.
    made_of = (found,) if found.num_rows else ([], from_arrow_schema(found.schema))
    session.createDataFrame(*made_of).write.mode("overwrite").format("parquet").option("path", location).saveAsTable(
        own
    )
