"""The definitions of external tables name the columns that the published Parquet files have, with types that fit."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

from dataelec_assets.export.external import ENGINES, Engine, external_tables
from dataelec_assets.packaged import repository
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc, served_tables, table_docs
from tests.faults.conftest import data, pristine
from tests.faults.france import Pristine

__all__ = ["data", "pristine"]

# What each engine's own documentation reads a type of Parquet as, by sqlglot's names of types.
_READ_AS: dict[str, dict[pa.DataType, str]] = {
    "BigQuery": {
        pa.string(): "TEXT",
        pa.float64(): "DOUBLE",
        pa.int32(): "BIGINT",
        pa.int64(): "BIGINT",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us", "UTC"): "TIMESTAMPTZ",
    },
    "Snowflake": {
        pa.string(): "VARCHAR",
        pa.float64(): "DOUBLE",
        pa.int32(): "INT",
        pa.int64(): "BIGINT",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us", "UTC"): "TIMESTAMPLTZ",
    },
    "Trino": {
        pa.string(): "VARCHAR",
        pa.float64(): "DOUBLE",
        pa.int32(): "INT",
        pa.int64(): "BIGINT",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us", "UTC"): "TIMESTAMP",
    },
}


def definitions(engine: Engine) -> dict[str, dict[str, str]]:
    """Return columns and types of each table, as the engine's own grammar reads the file."""
    text = (repository("read deploy") / "deploy" / "external" / f"{engine.name.lower()}.sql").read_text("utf-8")
    # sqlglot reads no placeholders.
    text = text.replace("${PARQUET}", "s3://bucket/parquet").replace("${SCHEMA}", "dataelec")
    found: dict[str, dict[str, str]] = {}
    for statement in sqlglot.parse(text, dialect=engine.name.lower(), error_level=sqlglot.ErrorLevel.RAISE):
        if isinstance(statement, exp.Create):
            columns = statement.this.expressions
            found[statement.this.this.name] = {each.name: each.kind.this.name for each in columns}
    return found


def published(folder: Path) -> dict[str, pa.Schema]:
    """Return the schema of each table of a publication."""
    whole = {path.stem: path for path in folder.glob("*.parquet")}
    months = {path.name: next(path.glob("*.parquet")) for path in folder.iterdir() if path.is_dir()}
    return {name: pq.read_schema(path) for name, path in (whole | months).items()}


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_every_column_of_a_publication_is_declared_with_a_type_that_reads_it(
    engine: Engine, pristine: Pristine
) -> None:
    schemas = published(pristine.folder / "serving" / "parquet")
    declared = definitions(engine)
    assert declared.keys() == {*served_tables()}
    assert declared.keys() <= schemas.keys()
    for table, columns in declared.items():
        wanted = {field.name: _READ_AS[engine.name][field.type] for field in schemas[table]}
        assert columns == wanted, table
        assert list(columns) == schemas[table].names, table


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_quotes_and_backslashes_of_descriptions_stay_what_they_are(engine: Engine) -> None:
    said = r"L'énergie « brute » \ d'un jour"
    table = TableDoc("jours", said, (), (ColumnDoc("jour", "date", "j", said),), ())
    text = external_tables(engine, [table]).replace("${PARQUET}", "s3://x").replace("${SCHEMA}", "s")
    literals = {
        each.this
        for statement in sqlglot.parse(text, dialect=engine.name.lower())
        if statement is not None
        for each in statement.find_all(exp.Literal)
    }
    assert {said, f"{said} (j)"} <= literals


def test_an_unknown_type_is_no_column_of_another_one() -> None:
    table = TableDoc("t", "", (), (ColumnDoc("c", "hugeint", None, ""),), ())
    for engine in ENGINES:
        with pytest.raises(KeyError, match="hugeint"):
            external_tables(engine, [table])


def test_descriptions_are_not_longer_than_bigquery_takes() -> None:
    # https://cloud.google.com/bigquery/quotas: 1,024 characters of a column, 16,384 of a table.
    for table in table_docs():
        assert len(table.description) <= 16_384
        for column in table.columns:
            assert len(column.description) + len(column.unit or "") + 3 <= 1_024, (table.name, column.name)
