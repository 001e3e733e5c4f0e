"""Which column of a lake copy each column of a staging model comes from, read from the model's own SQL.

Only where the SQL says it by itself: a model that calls a macro is left out, as are models that join and aggregate,
whose lineage would have to be guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import dagster as dg
import sqlglot
from sqlglot import exp

_SOURCE = re.compile(r"\{\{\s*source\([^)]*\)\s*\}\}")


def lineage_of_columns(
    node: Mapping[str, Any], upstream: dg.AssetKey, columns: Collection[str]
) -> dg.TableColumnLineage | None:
    """Return the lineage of a staging model; None when its SQL does not tell it.

    Args:
        node: the model, as the manifest has it.
        upstream: the lake copy that it reads.
        columns: of the copy; the key of the partition is not one of them.
    """
    sql, sources = _SOURCE.subn("lake_copy", str(node["raw_code"]))
    if sources != 1 or "{{" in sql or "{%" in sql:
        return None
    renamed = next(
        (cte.this for cte in sqlglot.parse_one(sql, read="duckdb").find_all(exp.CTE) if cte.alias == "renamed"), None
    )
    if not isinstance(renamed, exp.Select) or renamed.args.get("joins"):
        return None
    found = {}
    for projection in renamed.selects:
        read = sorted({column.name for column in projection.find_all(exp.Column)} & set(columns))
        if read:
            found[projection.alias_or_name] = [dg.TableColumnDep(upstream, name) for name in read]
    return dg.TableColumnLineage(found) if found else None
