"""Partitions: how the history of a data set is cut, as Dagster sees it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import dagster as dg

from dataelec_assets.catalog import Dataset


def partitions_of(dataset: Dataset) -> dg.PartitionsDefinition[str] | None:
    """Return the partitions of a data set, the current one included; None when it is not cut.

    Real-time sets publish forecasts for tomorrow, so on the last day of a month theirs reach into the next one.
    """
    grain = dataset.partitioning.grain
    if not dataset.partitioning.is_of_known_keys:
        return None
    if grain == "edition":
        return dg.StaticPartitionsDefinition(_editions(dataset))
    form, cron = {
        "day": ("%Y-%m-%d", "0 0 * * *"),
        "month": ("%Y-%m", "0 0 1 * *"),
        "year": ("%Y", "0 0 1 1 *"),
    }[grain]
    return dg.TimeWindowPartitionsDefinition(
        start=dataset.history_start.strftime(form),
        fmt=form,
        cron_schedule=cron,
        timezone="Europe/Paris",
        end_offset=2 if dataset.cadence == "quarter-hourly" else 1,
    )


def _editions(dataset: Dataset) -> list[str]:
    """Return the editions that are listed, and the years of which one may find itself before the next release."""
    listed = sorted(edition.key for edition in dataset.editions)
    if dataset.search is None:
        return listed
    years = range(int(listed[-1]) + 1, datetime.now(UTC).year + 2)
    return [*listed, *(str(year) for year in years)]


def months_from(start: date) -> dg.TimeWindowPartitionsDefinition:
    """Return the months of a fact whose oldest source starts at a civil day.

    The last one is the next month, where real-time sets publish forecasts on the eve.
    """
    return dg.TimeWindowPartitionsDefinition(
        start=f"{start:%Y-%m}", fmt="%Y-%m", cron_schedule="0 0 1 * *", timezone="Europe/Paris", end_offset=2
    )
