"""Best thresholds and slopes: the computation is in ``dataelec_assets.analysis.thresholds``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per territory, energy, period and model."""
    from dataelec_assets.analysis.thresholds import thresholds

    dbt.config(materialized="table")
    return thresholds(dbt.ref("int_thermosensibilite_jours").to_arrow_table())
