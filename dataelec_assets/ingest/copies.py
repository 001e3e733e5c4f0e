"""From raw vintage to Parquet copy: every partition whose file was not made from its present vintages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import Database
from dataelec_assets.ingest.plan import Reason, Stale, begins_impossibly, impossible_partitions
from dataelec_assets.ingest.revisions import raw_file, refresh_revisions, stale_revisions
from dataelec_assets.lake.atomic_files import remove, touch
from dataelec_assets.lake.file_formats import RawFile
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.parquet import TypedFile, build_side_by_side
from dataelec_assets.lake.partition_index import PartitionInfo, contract_digest, signatures_of
from dataelec_assets.lake.raw import Content
from dataelec_assets.lake.write_through import is_kept
from dataelec_assets.run_context import RunContext


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
    ctx: RunContext,
    dataset: Dataset,
    *,
    partitions: Iterable[str] | None = None,
    from_scratch: bool = False,
    typed: Mapping[str, TypedFile] | None = None,
) -> CopyReport:
    """Make the Parquet copies of one data set from its present raw vintages, where they are not.

    Args:
        ctx: settings and folders.
        dataset: the data set.
        partitions: look at these only; None: all.
        from_scratch: read every vintage again, whatever the index says.
        typed: the newest vintage of some partitions, typed as it arrived.

    Returns:
        The report.

    Raises:
        ContractViolation: a vintage does not fit the present contract (the entry of the catalogue has changed).
        LakeError: a file of the lake is damaged.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        lake, raw = ctx.parquet, ctx.sound
        lake.ensure_readable(dataset)
        index = lake.index(dataset)
        wanted = ctx.raw.partitions(dataset) if partitions is None else sorted(set(partitions))
        # An earlier version of the program kept what no row can be of; it stays in raw, and is served no more.
        impossible = impossible_partitions(dataset, {*wanted, *index}, None)
        for partition in impossible:
            index.pop(partition, None)
        wanted = [partition for partition in wanted if partition not in impossible]
        stale: list[tuple[str, list[Content]]] = []
        for partition in wanted:
            contents = raw.contents(dataset, partition)
            if not contents:
                _leave_out(ctx, dataset, partition, index)
                continue
            known = None if from_scratch else index.get(partition)
            signature = signature_of(dataset, contents)
            if known is None or known.signature != signature or not is_kept(lake.part(dataset, partition, signature)):
                stale.append((partition, contents))
        report = CopyReport(dataset.id, [partition for partition, _ in stale], index)
        if stale:
            for partition, info in zip(
                report.rebuilt, _build(ctx, dataset, stale, {} if from_scratch else index, typed or {}), strict=True
            ):
                index[partition] = info
        if stale or impossible:
            lake.write_index(dataset, index)
        for partition in impossible:
            lake.drop(dataset, partition)
        if stale:
            lake.sweep(dataset, report.rebuilt)
        refresh_revisions(ctx, dataset, partitions=wanted, from_scratch=from_scratch)
        return report


def stale_copies(ctx: RunContext, dataset: Dataset, *, thorough: bool = False) -> list[Stale]:
    """Return the partitions whose Parquet copy was not made from their present raw vintages and contract.

    Args:
        ctx: settings and folders.
        dataset: the data set.
        thorough: look at every partition, also when nothing has arrived since all were up to date: only this finds a
            file that was deleted by hand.
    """
    lake, raw = ctx.parquet, ctx.sound
    head = lake.head(dataset)
    is_same_contract = head is not None and head.contract == contract_digest(dataset)
    is_possible = head is None or not begins_impossibly(dataset, head.first)
    if is_same_contract and is_possible and not thorough and not raw.pending(dataset.id).exists():
        return []
    index, behind = lake.index(dataset), set(stale_revisions(ctx, dataset))
    reason: Reason = "contract changed" if head is not None and not is_same_contract else "not copied"
    arrived = ctx.raw.partitions(dataset)
    impossible = impossible_partitions(dataset, {*arrived, *index}, None)
    found = [Stale(partition, "contract changed", fetch=False) for partition in impossible if partition in index]
    for partition in arrived:
        if partition in impossible:
            continue
        known, contents = index.get(partition), raw.contents(dataset, partition)
        if contents:
            signature = signature_of(dataset, contents)
            is_there = is_kept(lake.part(dataset, partition, signature))
            is_made = known is not None and known.signature == signature and is_there
        else:  # without any vintage that is sound, a partition is left out
            is_made = known is None
        if partition in behind or not is_made:
            found.append(Stale(partition, reason, fetch=False))
    return found


def signature_of(dataset: Dataset, contents: Sequence[Content]) -> str:
    """Return the signature of a copy that is made from these contents, oldest first; at least one."""
    return signatures_of(dataset, [each.text for each in contents])[-1]


def _leave_out(ctx: RunContext, dataset: Dataset, partition: str, index: dict[str, PartitionInfo]) -> None:
    """Remove the copy of a partition all of whose vintages are in quarantine; its raw vintages stay."""
    if index.pop(partition, None) is not None:
        ctx.parquet.write_index(dataset, index)
        ctx.parquet.drop(dataset, partition)


def settle(ctx: RunContext, dataset: Dataset) -> bool:
    """Write down that every copy of a data set is up to date, when it is; return whether it is.

    A kill before the marker is removed costs one more look at every partition, nothing else.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        if stale_copies(ctx, dataset, thorough=True):
            return False
        ctx.parquet.write_head(dataset, ctx.partition_signatures(dataset))
        if ctx.raw_from is None:  # the vintages of another lake are not ours to mark
            remove(ctx.raw.pending(dataset.id))
        return True


def copy_again(ctx: RunContext, keys: Collection[tuple[str, str]]) -> None:
    """Make the copies of some partitions again: what is held has changed.

    Args:
        ctx: settings and folders.
        keys: data set and partition of each.
    """
    for dataset_id in sorted({each for each, _ in keys}):
        dataset = ctx.catalog.get(dataset_id)
        if dataset is not None:
            touch(ctx.raw.pending(dataset_id))
            refresh_copies(ctx, dataset, partitions=sorted(part for each, part in keys if each == dataset_id))
            settle(ctx, dataset)


def _build(
    ctx: RunContext,
    dataset: Dataset,
    stale: Sequence[tuple[str, list[Content]]],
    index: Mapping[str, PartitionInfo],
    typed: Mapping[str, TypedFile],
) -> list[PartitionInfo]:
    database = Database(spill=ctx.paths.temporary)

    def opened(partition: str, content: Content) -> RawFile | TypedFile:
        known = typed.get(partition)
        if known is not None and known.content == content.text and known.path.exists():
            return known
        return raw_file(ctx, dataset, content)

    def build(task: tuple[str, list[Content]]) -> PartitionInfo:
        partition, contents = task
        vintages = [(content.text, partial(opened, partition, content)) for content in contents]
        return ctx.parquet.build(database.cursor, dataset, partition, vintages, index.get(partition))

    return build_side_by_side(build, stale)
