"""Slopes with robust errors: the computation is in ``dataelec_assets.analysis.thermosensibilite``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per territory, energy and period."""
    from dataelec_assets.analysis.thermosensibilite import sensitivities

    dbt.config(materialized="table")
    return sensitivities(
        dbt.ref("int_thermosensibilite_jours").to_arrow_table(),
        dbt.ref("int_thermosensibilite_seuils").to_arrow_table(),
    )
