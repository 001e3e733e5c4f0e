"""How daily series move together: the computation is in ``dataelec_assets.analysis.relations``."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:
    """Return one row per question, pair of series, transformation, lag and method."""
    from dataelec_assets.analysis.relations import relations

    dbt.config(materialized="table")
    try:
        before = session.sql(f"select * from {dbt.this}").to_arrow_table()
    except duckdb.CatalogException:
        before = None
    return relations(dbt.ref("int_relations_jours").to_arrow_table(), before)
