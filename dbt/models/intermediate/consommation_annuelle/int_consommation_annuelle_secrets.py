"""Figures on homes that must not be served: the rule is in ``dataelec_assets.privacy.residential_cells``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ARG001 - dbt's signature
    """Return one row per commune, year and network to hide."""
    from dataelec_assets.privacy.residential_cells import hidden_cells

    dbt.config(materialized="table")
    return hidden_cells(dbt.ref("int_consommation_annuelle_residentielle").to_arrow_table())
