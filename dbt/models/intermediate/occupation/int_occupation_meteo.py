"""Occupation by weather, hour and weekday: the computation is in ``dataelec_assets.analysis.occupation``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per cut and class."""
    from dataelec_assets.analysis.occupation import occupation_by_class

    dbt.config(materialized="table")
    return occupation_by_class(dbt.ref("int_occupation_heures").to_arrow_table())
