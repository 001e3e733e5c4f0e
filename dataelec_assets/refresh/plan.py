"""Which partitions of a source are stale, and why: one pure function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.state import SourceState
from dataelec_assets.portals.windows import Fingerprint, partition_of


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
        vanished: partitions that we hold and the portal no longer shows.
    """

    stale: tuple[Stale, ...]
    vanished: tuple[str, ...]


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
        if known is None:
            stale.append(Stale(partition, "never fetched"))
        elif known != fingerprint.digest:
            stale.append(Stale(partition, "revised"))
        elif edge is not None and partition >= edge:
            stale.append(Stale(partition, "look-back"))
    vanished = () if dataset.keep_vanished else tuple(sorted(set(state.fingerprints) - set(portal)))
    return Plan(tuple(stale), vanished)
