"""Partitions: how the history of a data set is cut, as Dagster sees it."""

from __future__ import annotations

import dagster as dg

from dataelec_assets.catalog import Dataset


def partitions_of(dataset: Dataset) -> dg.PartitionsDefinition[str] | None:
    """Return the partitions of a data set from its start to the current one included; None when it is not cut."""
    start = dataset.history_start
    if dataset.partitioning.grain == "month":
        return dg.TimeWindowPartitionsDefinition(
            start=f"{start:%Y-%m}", fmt="%Y-%m", cron_schedule="0 0 1 * *", timezone="Europe/Paris", end_offset=1
        )
    if dataset.partitioning.grain == "year":
        return dg.TimeWindowPartitionsDefinition(
            start=f"{start:%Y}", fmt="%Y", cron_schedule="0 0 1 1 *", timezone="Europe/Paris", end_offset=1
        )
    return None
