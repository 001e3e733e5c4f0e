"""Definitions without an asset: what `dagster definitions validate` costs by itself."""

import dagster as dg

defs = dg.Definitions()
