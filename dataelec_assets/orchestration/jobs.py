"""Jobs: stable names for what can be launched; no asset code here."""

from __future__ import annotations

import dagster as dg

# Keeps Dagster's own lines out of a terminal that shows progress; the UI has them all.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def jobs() -> list[dg.UnresolvedAssetJobDefinition]:
    """Return the jobs."""
    return [
        dg.define_asset_job(
            "refresh",
            selection=dg.AssetSelection.all() - dg.AssetSelection.groups("sources"),
            description="Télécharge ce qui est périmé, refait ce qui en dépend, publie.",
            executor_def=dg.in_process_executor,
        ),
        dg.define_asset_job(
            "observe",
            selection=dg.AssetSelection.groups("sources"),
            description="Demande aux portails la version de chaque source.",
            executor_def=dg.in_process_executor,
        ),
    ]
