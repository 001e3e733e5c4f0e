"""Scores of the back-test: the computation is in ``dataelec_assets.analysis.prevision.scores``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:
    """Return one row per step, model, weather, horizon and cut of the territories whose sums have changed."""
    from dataelec_assets.analysis.prevision.scores import scores
    from dataelec_assets.analysis.prevision.source import Source

    dbt.config(materialized="incremental", incremental_strategy="delete+insert", unique_key="code_territoire")
    source = Source(
        dbt.ref("int_prevision_mois"),
        dbt.ref("int_prevision_lectures"),
        dbt.ref("int_prevision_jours"),
        dbt.ref("int_prevision_revisions"),
    )
    stored = session.sql(f"from {dbt.this}") if dbt.is_incremental else None
    return scores(source, dbt.ref("int_prevision_retrotest"), dbt.ref("int_prevision_sommes"), stored)
