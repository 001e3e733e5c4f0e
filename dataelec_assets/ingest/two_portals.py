"""Data sets that two portals have: the first is asked, the second only where the first cannot give the data set.

The portals of a data set take turns, never its rows: a vintage is of one of them, and its manifest says of which.
"""

from __future__ import annotations

from dataclasses import replace

from dataelec_assets.catalog import PORTALS, Dataset
from dataelec_assets.catalog.dido import API
from dataelec_assets.errors import DatasetAbsent, SourceError
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.portals.client import DatasetMetadata, PortalClient
from dataelec_assets.run_context import RunContext


def in_turn(dataset: Dataset) -> tuple[Dataset, ...]:
    """Return a data set as each of its portals is asked for it."""
    return (dataset,) if dataset.dido is None else (dataset, replace(dataset, dido=None))


def first_answer(
    ctx: RunContext, client: PortalClient, dataset: Dataset, instead: PortalClient | None, report: SourceReport
) -> tuple[PortalClient, Dataset, DatasetMetadata]:
    """Return what the first portal says that has the data set, its client, and the data set as it is asked for there.

    What the lake has of the first portal is not replaced by the poorer file of the second because the first is silent.

    Raises:
        SourceError: neither can answer, or the first cannot and the lake holds its file.
    """
    first, *others = in_turn(dataset)
    try:
        return client, first, client.metadata(first)
    except SourceError as error:
        is_silent = not isinstance(error, DatasetAbsent)
        if not others or instead is None or ctx.settings.folder or (is_silent and _is_from_dido(ctx, dataset)):
            raise
        if is_silent:
            report.warnings.append(
                f"{PORTALS[dataset.portals[0]].name} cannot be asked ({error.what}): the file of {dataset.info.name} "
                "stands in, without labels and units of its own"
            )
        return instead, others[0], instead.metadata(others[0])


def as_loaded(ctx: RunContext, dataset: Dataset) -> Dataset:
    """Return a data set as it is asked for at the portal that its newest vintage is from."""
    return dataset if _is_from_dido(ctx, dataset) else in_turn(dataset)[-1]


def _is_from_dido(ctx: RunContext, dataset: Dataset) -> bool:
    found = (ctx.raw.newest(dataset.id, edition.key) for edition in dataset.editions)
    return any(vintage is not None and API in vintage.url for vintage in found)
