"""Types of territories: the computation is in ``dataelec_assets.analysis.typologie``."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:
    """Return the scale of each indicator, the numbers of types that were tried, and the centres of the types."""
    from dataelec_assets.analysis.typologie.model import fit

    dbt.config(materialized="table")
    try:
        before = session.sql(f"select * from {dbt.this}").to_arrow_table()
    except duckdb.CatalogException:
        before = None
    return fit(dbt.ref("int_typologie_valeurs").to_arrow_table(), before)
