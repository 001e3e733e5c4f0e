"""The code location that Dagster loads."""

from __future__ import annotations

import dagster as dg

from dataelec_assets.collector import collect_rarely

collect_rarely()


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions for the settings of the environment."""
    # dbt and the rest of Dagster are loaded after the line above.
    from dataelec_assets.defs.build import build_definitions

    return build_definitions()
