"""From raw vintage to Parquet copy: every partition whose file was not made from its present vintages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect
from dataelec_assets.house import House
from dataelec_assets.lake.files import exclusive
from dataelec_assets.lake.parquet import PartitionInfo, build_side_by_side, contract_digest, digest_of, signatures
from dataelec_assets.refresh.plan import Reason, Stale, begins_impossibly, impossible_partitions
from dataelec_assets.refresh.vintages import raw_file, refresh_revisions, stale_revisions


@dataclass(slots=True)
class CopyReport:
    """What was rebuilt for one data set.

    Attributes:
        dataset_id: the data set.
        rebuilt: partitions written.
        index: facts of every partition in place.
    """

    dataset_id: str
    rebuilt: list[str] = field(default_factory=list)
    index: dict[str, PartitionInfo] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all partitions in place."""
        return sum(info.rows for info in self.index.values())


def refresh_copies(
    house: House, dataset: Dataset, *, partitions: Iterable[str] | None = None, from_scratch: bool = False
) -> CopyReport:
    """Bring the Parquet copies of one data set in line with its raw vintages.

    Args:
        house: settings and folders.
        dataset: the data set.
        partitions: look at these only; None: all.
        from_scratch: read every vintage again, whatever the index says.

    Returns:
        The report.

    Raises:
        ContractViolation: a vintage does not fit the present contract (the entry of the catalogue has changed).
        LakeError: a file of the lake is damaged.
    """
    with exclusive(house.paths, wait_seconds=house.lock_wait_seconds):
        lake, raw = house.parquet, house.sound
        lake.ensure_readable(dataset)
        index = lake.index(dataset)
        wanted = house.raw.partitions(dataset) if partitions is None else sorted(set(partitions))
        # An earlier version of the program kept what no row can be of; it stays in raw, and is served no more.
        impossible = impossible_partitions(dataset, {*wanted, *index}, None)
        for partition in impossible:
            index.pop(partition, None)
            lake.drop(dataset, partition)
        wanted = [partition for partition in wanted if partition not in impossible]
        stale: list[tuple[str, list[str]]] = []
        for partition in wanted:
            digests = raw.digests(dataset, partition)
            if not digests:
                _leave_out(house, dataset, partition, index)
                continue
            known = None if from_scratch else index.get(partition)
            is_there = lake.file(dataset, partition).exists()
            if known is None or not is_there or known.signature != signatures(dataset, digests)[-1]:
                stale.append((partition, digests))
        report = CopyReport(dataset.id, [partition for partition, _ in stale], index)
        if stale:
            for partition, info in zip(
                report.rebuilt, _build(house, dataset, stale, {} if from_scratch else index), strict=True
            ):
                index[partition] = info
        if stale or impossible:
            lake.write_index(dataset, index)
        refresh_revisions(house, dataset, partitions=wanted, from_scratch=from_scratch)
        return report


def stale_copies(house: House, dataset: Dataset, *, thorough: bool = False) -> list[Stale]:
    """Return the partitions whose Parquet copy was not made from their present raw vintages and contract.

    Args:
        house: settings and folders.
        dataset: the data set.
        thorough: look at every partition, also when nothing has arrived since all were found in line: a file that was
            deleted by hand is only found so.
    """
    lake, raw = house.parquet, house.sound
    head = lake.head(dataset)
    is_same_contract = head is not None and head.contract == contract_digest(dataset)
    is_possible = head is None or not begins_impossibly(dataset, head.first)
    if is_same_contract and is_possible and not thorough and not raw.pending(dataset.id).exists():
        return []
    index, behind = lake.index(dataset), set(stale_revisions(house, dataset))
    reason: Reason = "contract changed" if head is not None and not is_same_contract else "not copied"
    arrived = house.raw.partitions(dataset)
    impossible = impossible_partitions(dataset, {*arrived, *index}, None)
    found = [Stale(partition, "contract changed", fetch=False) for partition in impossible if partition in index]
    for partition in arrived:
        if partition in impossible:
            continue
        known, digests = index.get(partition), raw.digests(dataset, partition)
        # Without any vintage that is sound, a partition is left out.
        is_made = (
            known is not None and known.signature == signatures(dataset, digests)[-1] if digests else known is None
        )
        if partition in behind or not (is_made and (not digests or lake.file(dataset, partition).exists())):
            found.append(Stale(partition, reason, fetch=False))
    return found


def _leave_out(house: House, dataset: Dataset, partition: str, index: dict[str, PartitionInfo]) -> None:
    """Remove the copy of a partition all of whose vintages are in quarantine; its raw vintages stay."""
    if index.pop(partition, None) is not None:
        house.parquet.write_index(dataset, index)
        house.parquet.drop(dataset, partition)


def settle(house: House, dataset: Dataset) -> bool:
    """Write down that every copy of a data set is in line, when it is; return whether it is.

    A kill before the marker is removed costs one more look at every partition, nothing else.
    """
    with exclusive(house.paths, wait_seconds=house.lock_wait_seconds):
        if stale_copies(house, dataset, thorough=True):
            return False
        house.parquet.write_head(dataset, partition_marks(house, dataset))
        if house.raw_from is None:  # the vintages of another lake are not ours to mark
            house.raw.pending(dataset.id).unlink(missing_ok=True)
        return True


def partition_marks(house: House, dataset: Dataset) -> dict[str, str]:
    """Return the signature of everything that the warehouse reads of a data set, by partition."""
    revisions = house.revisions.index(dataset)
    return {
        partition: digest_of({"copy": info.signature, "revisions": revisions[partition].content})
        if partition in revisions
        else info.signature
        for partition, info in house.parquet.index(dataset).items()
    }


def _build(
    house: House, dataset: Dataset, stale: Sequence[tuple[str, list[str]]], index: dict[str, PartitionInfo]
) -> list[PartitionInfo]:
    database = connect(spill=house.paths.temporary)

    def build(task: tuple[str, list[str]]) -> PartitionInfo:
        partition, digests = task
        vintages = [(digest, raw_file(house, dataset, digest)) for digest in digests]
        return house.parquet.build(database.cursor(), dataset, partition, vintages, index.get(partition))

    return build_side_by_side(build, stale)
