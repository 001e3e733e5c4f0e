"""Scores of the back-test: the computation is in ``dataelec_assets.analysis.prevision.scores``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per territory, step, model, weather, horizon and cut."""
    from dataelec_assets.analysis.prevision.scores import scores

    dbt.config(materialized="table")
    return scores(
        dbt.ref("int_prevision_lectures").to_arrow_table(),
        dbt.ref("int_prevision_jours").to_arrow_table(),
        dbt.ref("int_prevision_revisions").to_arrow_table(),
        dbt.ref("int_prevision_retrotest").to_arrow_table(),
    )
