"""Forecasts that could have been issued: the computation is in ``dataelec_assets.analysis.prevision.backtest``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:
    """Return the months whose inputs have changed; those that are there already stay as they are."""
    from dataelec_assets.analysis.prevision.backtest import backtest
    from dataelec_assets.analysis.prevision.source import Source

    dbt.config(materialized="incremental", incremental_strategy="delete+insert", unique_key="cle")
    source = Source(
        dbt.ref("int_prevision_mois"),
        dbt.ref("int_prevision_lectures"),
        dbt.ref("int_prevision_jours"),
        dbt.ref("int_prevision_revisions"),
        dbt.ref("int_prevision_meteo"),
    )
    stored = {}
    if dbt.is_incremental:
        stored = dict(session.sql(f"select cle, min(empreinte) from {dbt.this} group by cle").fetchall())
    return backtest(source, stored)
