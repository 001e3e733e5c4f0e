"""Which partitions of a source are stale, and why: one pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.state import SourceState
from dataelec_assets.portals.windows import UNDATED, Fingerprint, partition_of


@dataclass(frozen=True, slots=True)
class Stale:
    """A partition to fetch again, and the reason: ``never fetched``, ``revised`` or ``look-back``."""

    partition: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a refresh of one source has to do.

    Attributes:
        stale: partitions to fetch, oldest first.
        warnings: what the portal has or has no more, and that changes nothing in the lake.
    """

    stale: tuple[Stale, ...]
    warnings: tuple[str, ...]


def plan_source(dataset: Dataset, portal: Mapping[str, Fingerprint], state: SourceState, now: datetime) -> Plan:
    """Compare what the portal holds with what the lake holds.

    Args:
        dataset: the catalogue entry.
        portal: fingerprint of each partition at the portal.
        state: what we remember of the source.
        now: current instant (UTC), for the look-back.

    Returns:
        The partitions whose fingerprint differs, those never fetched, and those inside the look-back, where a
        revision may leave every sum unchanged.
    """
    edge = partition_of(dataset, now - dataset.lookback) if dataset.lookback else None
    stale = []
    for partition, fingerprint in sorted(portal.items()):
        known = state.fingerprints.get(partition)
        if partition == UNDATED:
            continue
        if known is None:
            stale.append(Stale(partition, "never fetched"))
        elif known != fingerprint.digest:
            stale.append(Stale(partition, "revised"))
        elif edge is not None and partition >= edge:
            stale.append(Stale(partition, "look-back"))
    return Plan(tuple(stale), tuple(_warnings(dataset, portal, state)))


def _warnings(dataset: Dataset, portal: Mapping[str, Fingerprint], state: SourceState) -> Iterator[str]:
    if UNDATED in portal:
        yield f"{portal[UNDATED].rows} row(s) at the portal have no {dataset.partitioning.on}; they are not loaded"
    vanished = [] if dataset.keep_vanished else sorted(set(state.fingerprints) - set(portal))
    if vanished:
        yield (
            f"the portal no longer shows {len(vanished)} partition(s), first {vanished[0]}; "
            "they are kept as last published"
        )


def is_current(portal: Mapping[str, Fingerprint], state: SourceState) -> bool:
    """Return whether the lake holds the content of every partition that the portal shows."""
    return all(
        state.fingerprints.get(partition) == fingerprint.digest
        for partition, fingerprint in portal.items()
        if partition != UNDATED
    )
