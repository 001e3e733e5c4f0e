"""How daily series move together: the computation is in ``dataelec_assets.analysis.relations``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per question, pair of series, transformation, lag and method."""
    from dataelec_assets.analysis.relations import relations

    dbt.config(materialized="table")
    return relations(dbt.ref("int_relations_jours").to_arrow_table())
