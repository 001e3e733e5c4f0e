"""The SQL of the last dbt build, run in bare DuckDB: ``python -m benchmarks.bare_sql TARGET_DIR DATABASE``.

Same statements in the same order: seeds are loaded, views and tables created, tests counted. What dbt adds (parsing,
one transaction and one log per node, contracts, comments) is what the comparison shows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

if __name__ == "__main__":
    target, database = Path(sys.argv[1]), Path(sys.argv[2])
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    project = Path(__file__).resolve().parents[1] / "dbt"
    connection = duckdb.connect(config={"threads": 2})
    # Compiled SQL names the warehouse by the name of its file.
    connection.execute(f"ATTACH '{database}' AS warehouse")
    connection.execute("USE warehouse")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET file_search_path = '{target.parent / 'parquet'}'")
    for result in results:
        node = nodes[result["unique_id"]]
        kind, name = node["resource_type"], f'"{node["schema"]}"."{node["alias"]}"'
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{node["schema"]}"')
        if kind == "seed":
            path = project / node["original_file_path"]
            types = node["config"].get("column_types") or {}
            columns = "".join(f", '{column}': '{each}'" for column, each in types.items())
            connection.execute(f"CREATE TABLE {name} AS FROM read_csv('{path}', types={{{columns[2:]}}})")
        elif kind == "test":
            connection.execute(f"SELECT count(*) FROM ({result['compiled_code']})").fetchall()
        else:
            relation = "VIEW" if node["config"]["materialized"] == "view" else "TABLE"
            connection.execute(f"CREATE {relation} {name} AS {result['compiled_code']}")
    connection.close()
