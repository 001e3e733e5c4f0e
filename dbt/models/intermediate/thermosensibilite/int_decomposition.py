"""Daily consumption by factor: the computation is in ``dataelec_assets.analysis.decomposition``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per territory, energy and factor."""
    from dataelec_assets.analysis.decomposition import decompositions

    dbt.config(materialized="table")
    return decompositions(dbt.ref("int_decomposition_jours").to_arrow_table())
