"""The type of each territory: the computation is in ``dataelec_assets.analysis.typologie``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per grain and territory."""
    from dataelec_assets.analysis.typologie.assignment import assign

    dbt.config(materialized="table")
    return assign(dbt.ref("int_typologie_valeurs").to_arrow_table(), dbt.ref("int_typologie_modele").to_arrow_table())
