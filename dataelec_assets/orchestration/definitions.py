"""The code location that Dagster loads."""

from __future__ import annotations

import dagster as dg

from dataelec_assets.orchestration.build import build_definitions


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions for the settings of the environment."""
    return build_definitions()
