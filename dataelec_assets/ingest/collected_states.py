"""Earlier states that a folder holds of a data set whose portal shows the present one only."""

from __future__ import annotations

from datetime import UTC, datetime

from dataelec_assets.catalog import Dataset
from dataelec_assets.portals.folder.layout import Layout
from dataelec_assets.run_context import RunContext


def earlier_states(ctx: RunContext, dataset: Dataset) -> list[datetime]:
    """Return the instants (UTC) of the states before the newest that the folder holds and the lake lacks, oldest first.

    None of a portal, which has replaced them, and none of a data set that keeps its history.
    """
    folder = ctx.settings.folder
    if folder is None or dataset.stamped_by is None or ctx.published_by is not None:
        return []
    known = {
        datetime.fromisoformat(vintage.portal_version).astimezone(UTC)
        for partition in ctx.raw.partitions(dataset)
        for vintage in ctx.raw.vintages(dataset, partition)
    }
    return [each for each in Layout(folder).states(dataset)[:-1] if each not in known]
