"""Forecasts to show: the computation is in ``dataelec_assets.analysis.prevision.rows``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per forecast half-hour, and per forecast day."""
    from dataelec_assets.analysis.prevision.rows import rows

    dbt.config(materialized="table")
    return rows(
        dbt.ref("int_prevision_lectures").to_arrow_table(),
        dbt.ref("int_prevision_jours").to_arrow_table(),
        dbt.ref("int_prevision_revisions").to_arrow_table(),
        dbt.ref("int_prevision_retrotest").to_arrow_table(),
    )
