"""What is stale in the whole house, asked without downloading anything.

One metadata call per data set; where the portal's version moved, one grouped call more says which partitions changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import DatasetAbsent, SourceError
from dataelec_assets.house import House
from dataelec_assets.lake.files import exclusive
from dataelec_assets.lake.parquet import signatures
from dataelec_assets.lake.state import SourceState, load_state, save_state
from dataelec_assets.refresh.plan import Stale, is_current, plan_source
from dataelec_assets.refresh.sources import PortalView, SourceReport, observe


@dataclass(frozen=True, slots=True)
class Observation:
    """What the portal says of one source.

    Attributes:
        dataset: the source.
        stale: partitions to fetch, with the reason.
        report: the outcome as far as it is known: unchanged, checked, absent, failed.
        view: what the portal said, None when it was not asked that far.
    """

    dataset: Dataset
    stale: tuple[Stale, ...]
    report: SourceReport
    view: PortalView | None


def observe_house(house: House, datasets: Iterable[Dataset]) -> list[Observation]:
    """Ask the portals for every source, side by side, and remember the answers.

    A portal that does not answer is a report, never an exception: it does not hold back the others.
    """
    with (
        exclusive(house.paths, wait_seconds=house.lock_wait_seconds),
        ThreadPoolExecutor(max_workers=house.settings.connections) as pool,
    ):
        return list(pool.map(lambda dataset: _observe(house, dataset), datasets))


def _observe(house: House, dataset: Dataset) -> Observation:
    report, state = SourceReport(dataset.id, "unchanged"), load_state(house.paths, dataset)
    state.checked_at = house.now().astimezone(UTC).isoformat()
    stale: tuple[Stale, ...] = ()
    view: PortalView | None = None
    try:
        view = _ask(house, dataset, state, report)
        stale = _plan(house, dataset, state, report, view) if view else ()
        if not stale:
            state.status, state.message = "fresh", None
    except SourceError as error:
        report.outcome = "absent" if isinstance(error, DatasetAbsent) else "failed"
        report.error, report.fault = str(error), type(error).__name__
        state.status, state.message = ("absent" if report.outcome == "absent" else "failed"), report.error
    save_state(house.paths, dataset, state)
    return Observation(dataset, stale, report, view)


def _ask(house: House, dataset: Dataset, state: SourceState, report: SourceReport) -> PortalView | None:
    """Return what the portal holds; None when its version is the one that the lake holds already."""
    with house.client(dataset) as client:
        metadata = client.metadata(dataset.id)
        version = metadata.data_processed.astimezone(UTC).isoformat()
        state.observed = report.version = version
        state.records_count, state.synthetic = metadata.records_count, metadata.synthetic
        return None if version == state.version else PortalView(metadata, observe(client, dataset, metadata))


def _plan(
    house: House, dataset: Dataset, state: SourceState, report: SourceReport, view: PortalView
) -> tuple[Stale, ...]:
    plan = plan_source(dataset, view.partitions, state, house.now())
    report.outcome = "checked"
    report.warnings.extend(plan.warnings)
    if not plan.stale and is_current(view.partitions, state):
        state.version = report.version
    return plan.stale


def stale_copies(house: House, dataset: Dataset) -> list[str]:
    """Return the partitions whose Parquet copy was not made from their present raw vintages and contract."""
    index = house.parquet.index(dataset)
    found = []
    for partition in house.raw.partitions(dataset):
        known, digests = index.get(partition), house.raw.digests(dataset, partition)
        is_made = known is not None and known.signature == signatures(dataset, digests)[-1]
        if digests and not (is_made and house.parquet.file(dataset, partition).exists()):
            found.append(partition)
    return found
