"""What a first refresh would cost without us: the same files, the same SQL, the same models in Python, bare.

``python -m benchmarks.floor LAKE OUT [STEP …]`` reads a refreshed LAKE that holds the SQL of a whole build
(``python -m benchmarks.dbt_build LAKE --write-json build --full-refresh``), writes into the folder OUT, and prints
the CPU-seconds of each step as JSON. The steps, all by default:

``copies``
    Each published file as the lake keeps it is read by pyarrow, sorted by its key, written as Parquet (zstd). Types are
    guessed and nothing is checked.
``nodes``
    Seeds are loaded, views and tables created, data tests counted, models in Python called: the statements that dbt
    compiled, in its order, in one DuckDB.
``export``
    Each table of the schema that is published is written as Parquet.

What is not in it is what the comparison shows: finding out what is stale, the proof and the history of arrivals, types
by contract, Dagster's events, dbt's own work, the checks of the publication, the copy of the file that is served.
"""

from __future__ import annotations

import json
import resource
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from dataelec_assets.catalog import Dataset, load_catalog, slug

PROJECT = Path(__file__).resolve().parents[1] / "dbt"


def copies(lake: Path, out: Path) -> None:
    """Write the newest vintage of each partition as sorted Parquet."""
    catalog = load_catalog()
    target = out / "parquet"
    target.mkdir(parents=True)
    for partition in sorted((lake / "raw" / "manifests").glob("*/*/")):
        newest = max(partition.glob("*.json"))
        digest = json.loads(newest.read_bytes())["sha256"]
        table = _read(lake / "raw" / "objects" / digest[:2] / f"{digest}.csv.zst")
        if table is None:
            continue
        keys = _keys(catalog[partition.parent.name], table)
        name = f"{partition.parent.name}-{partition.name}.parquet"
        pq.write_table(table.sort_by([(key, "ascending") for key in keys]), target / name, compression="zstd")


def _read(path: Path) -> pa.Table | None:
    """Return a table; None for a workbook, which pyarrow cannot read: the floor is the lower for it."""
    with pa.input_stream(str(path), compression="zstd") as stream:
        content = stream.read()
    if content[:4] == b"PAR1":
        return pq.read_table(pa.BufferReader(content))
    if content[:2] == b"PK":
        return None
    if content[:1] == b"[":
        return pa.Table.from_pylist([each.get("fields", each) for each in json.loads(content)])
    first = content.partition(b"\n")[0]
    delimiter = ";" if first.count(b";") >= first.count(b",") else ","
    encoding = "utf8" if _is_utf8(content) else "cp1252"
    return pa_csv.read_csv(
        pa.BufferReader(content),
        read_options=pa_csv.ReadOptions(encoding=encoding),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
    )


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _keys(dataset: Dataset, table: pa.Table) -> list[str]:
    """Return the columns of a file that hold the key of its data set, or the first one."""
    printed = {slug(name): name for name in table.column_names}
    headers = [header for key in dataset.key for header in dataset.column(key).header_slugs]
    return [printed[each] for each in headers if each in printed] or table.column_names[:1]


def nodes(lake: Path, out: Path) -> None:
    """Run what the last dbt build of the lake ran."""
    manifest = json.loads((lake / "dbt" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((lake / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
    out.mkdir(parents=True, exist_ok=True)
    # Compiled SQL names the warehouse by the name of its file.
    with duckdb.connect(out / "warehouse.duckdb", config={"threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET file_search_path = '{lake / 'parquet'}'")
        _show_sources(connection, lake)
        for result in results:
            _run(connection, manifest, result)


def _show_sources(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Make the views by which the SQL reads the lake's files, as the last build has left them."""
    with duckdb.connect(lake / "warehouse" / "warehouse.duckdb", read_only=True) as built:
        query = "SELECT schema_name, sql FROM duckdb_views() WHERE NOT internal AND contains(sql, 'read_parquet')"
        views = built.execute(query).fetchall()
    for schema, sql in views:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}; {sql}")


def _run(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    node = manifest.get(result["unique_id"])
    if node is None:  # who reads the tables: nothing is built
        return
    kind, name, sql = node["resource_type"], _name(node), result["compiled_code"]
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{node["schema"]}"')
    if kind == "seed":
        types = node["config"].get("column_types") or {}
        columns = ", ".join(f"'{column}': '{each}'" for column, each in types.items())
        path = PROJECT / node["original_file_path"]
        connection.execute(f"CREATE TABLE {name} AS FROM read_csv('{path}', types={{{columns}}})")
    elif kind == "test":
        connection.execute(f"SELECT count(*) FROM ({sql})").fetchall()
    elif node["language"] == "python":
        connection.register("returned", _called(connection, manifest, node))
        connection.execute(f"CREATE TABLE {name} AS FROM returned")
        connection.unregister("returned")
    else:
        relation = "VIEW" if node["config"]["materialized"] == "view" else "TABLE"
        connection.execute(f"CREATE {relation} {name} AS {sql}")


def _called(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], node: Mapping[str, Any]) -> pa.Table:
    """Return what a model in Python gives for the tables that it refers to, as on a first build."""
    model = runpy.run_path(str(PROJECT / node["original_file_path"]))["model"]
    named = {manifest[each]["name"]: _name(manifest[each]) for each in node["depends_on"]["nodes"]}
    dbt = SimpleNamespace(
        ref=lambda name: connection.sql(f"FROM {named[name]}"),
        config=lambda **_: None,
        is_incremental=False,
        this=_name(node),
    )
    return model(dbt, connection)


def _name(node: Mapping[str, Any]) -> str:
    return f'"{node["schema"]}"."{node["alias"]}"'


def export(lake: Path, out: Path) -> None:  # noqa: ARG001 - a step like the others
    """Write each table that would be published."""
    target = out / "served"
    target.mkdir(parents=True)
    with duckdb.connect(out / "warehouse.duckdb", config={"threads": 2}) as connection:
        query = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
        for (name,) in connection.execute(query).fetchall():
            connection.execute(f"COPY {name} TO '{target / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")


STEPS = {"copies": copies, "nodes": nodes, "export": export}


def main(lake: Path, out: Path, steps: list[str]) -> None:
    """Run the steps and print what each took."""
    spent = {}
    for step in steps or STEPS:
        before = _cpu()
        STEPS[step](lake, out)
        spent[step] = round(_cpu() - before, 3)
    print(json.dumps(spent))


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
