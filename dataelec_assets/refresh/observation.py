"""What is stale in the whole house, asked without downloading anything: one metadata call per data set."""

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
from dataelec_assets.lake.state import load_state, save_state
from dataelec_assets.refresh.sources import SourceReport


@dataclass(frozen=True, slots=True)
class Observation:
    """What the portal says of one source.

    Attributes:
        dataset: the source.
        is_stale: whether its content may differ from the lake's.
        report: the outcome when there is nothing to fetch: unchanged, absent, failed.
    """

    dataset: Dataset
    is_stale: bool
    report: SourceReport


def observe_house(house: House, datasets: Iterable[Dataset]) -> list[Observation]:
    """Ask the portals for the version of every source, side by side, and remember the answers.

    A portal that does not answer is a report, never an exception: it does not hold back the others.
    """
    with ThreadPoolExecutor(max_workers=house.settings.connections) as pool:
        observations = list(pool.map(lambda dataset: _observe(house, dataset), datasets))
    with exclusive(house.paths, wait_seconds=house.lock_wait_seconds):
        for observation in observations:
            _remember(house, observation)
    return observations


def _observe(house: House, dataset: Dataset) -> Observation:
    report = SourceReport(dataset.id, "unchanged")
    try:
        with house.client(dataset) as client:
            metadata = client.metadata(dataset.id)
    except SourceError as error:
        report.outcome = "absent" if isinstance(error, DatasetAbsent) else "failed"
        report.error, report.fault = str(error), type(error).__name__
        return Observation(dataset, is_stale=False, report=report)
    report.version = metadata.data_processed.astimezone(UTC).isoformat()
    state = load_state(house.paths, dataset)
    is_stale = report.version != state.version or state.status != "fresh"
    return Observation(dataset, is_stale=is_stale, report=report)


def _remember(house: House, observation: Observation) -> None:
    if observation.is_stale:
        return  # the refresh that follows writes the state
    report, dataset = observation.report, observation.dataset
    state = load_state(house.paths, dataset)
    state.checked_at = house.now().astimezone(UTC).isoformat()
    state.observed = report.version or state.observed
    if report.outcome != "unchanged":
        state.status = "absent" if report.outcome == "absent" else "failed"
    state.message = report.error
    save_state(house.paths, dataset, state)


def has_stale_copies(house: House, dataset: Dataset) -> bool:
    """Return whether a Parquet partition was not made from its present raw vintages and contract."""
    index = house.parquet.index(dataset)
    for partition in house.raw.partitions(dataset):
        known = index.get(partition)
        digests = house.raw.digests(dataset, partition)
        if digests and (known is None or known.signature != signatures(dataset, digests)[-1]):
            return True
    return False
