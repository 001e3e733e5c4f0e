"""Raw vintages as readable files, and the revisions made from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect, literal
from dataelec_assets.lake.file_formats import RawFile, inspect
from dataelec_assets.lake.raw import Content, Vintage
from dataelec_assets.lake.reading import load
from dataelec_assets.lake.revisions import Arrival, RevisionInfo, compare, create_table, revision_signature
from dataelec_assets.lake.write_through import brought, is_kept
from dataelec_assets.run_context import RunContext

if TYPE_CHECKING:
    import duckdb


def raw_file(ctx: RunContext, dataset: Dataset, content: Content) -> RawFile:
    """Return stored bytes as a readable file, once they have been verified.

    Args:
        ctx: folders.
        dataset: the contract.
        content: of a vintage.

    Raises:
        LakeError: the bytes are missing, or are not those that were published.
    """
    return replace(inspect(dataset.id, ctx.raw.check(content.sha256)), stamp=content.stamp)


def stale_revisions(ctx: RunContext, dataset: Dataset, partitions: Iterable[str] | None = None) -> list[str]:
    """Return the partitions whose revisions were not made from their present vintages and contract."""
    if not _can_be_compared(dataset):
        return []
    index, sound, found = ctx.revisions.index(dataset), ctx.sound, []
    for partition in ctx.raw.partitions(dataset) if partitions is None else sorted(set(partitions)):
        names = sound.names(dataset, partition)
        known = index.get(partition)
        # One vintage has no revisions, unless others have been put into quarantine since.
        signature = revision_signature(dataset, names) if len(names) > 1 else None
        if signature != (known.signature if known is not None else None):
            found.append(partition)
    return found


def _can_be_compared(dataset: Dataset) -> bool:
    # What somebody withdraws must not be served as a former value of what replaced it.
    return bool(dataset.key and dataset.measures) and not dataset.info.is_local


def refresh_revisions(
    ctx: RunContext, dataset: Dataset, *, partitions: Iterable[str] | None = None, from_scratch: bool = False
) -> None:
    """Make the revisions of a data set from its vintages; only new pairs of vintages are read.

    The caller holds the writer's lock.

    Args:
        ctx: settings and folders.
        dataset: the data set; one without a key has no revisions, since nothing distinguishes its rows, nor has one
            without measures, nor what users import.
        partitions: look at these only; None: all.
        from_scratch: compare every pair again.

    Raises:
        ContractViolation: a vintage does not fit the present contract.
        LakeError: a vintage is damaged.
    """
    lake = ctx.revisions
    lake.ensure_readable()
    index, sound = {} if from_scratch else lake.index(dataset), ctx.sound
    if from_scratch and _can_be_compared(dataset):
        known = ctx.raw.partitions(dataset) if partitions is None else partitions
        stale = [each for each in known if len(sound.names(dataset, each)) > 1]
    else:
        stale = stale_revisions(ctx, dataset, partitions)
    if not stale:
        return
    with connect(spill=ctx.paths.temporary) as connection:
        for partition in stale:
            if len(sound.names(dataset, partition)) > 1:
                index[partition] = _compared(ctx, dataset, partition, index.get(partition), connection)
            else:
                del index[partition]
    lake.write_index(dataset, index)
    for partition in stale:
        if partition not in index:
            lake.drop(dataset, partition)
    lake.sweep(dataset, stale)


def _compared(
    ctx: RunContext, dataset: Dataset, partition: str, known: RevisionInfo | None, connection: duckdb.DuckDBPyConnection
) -> RevisionInfo:
    sound = ctx.sound
    names = sound.names(dataset, partition)
    file = ctx.revisions.part(dataset, partition, known.content) if known is not None else None
    is_prefix = (
        known is not None
        and file is not None
        and known.signature == revision_signature(dataset, names[: known.vintages])
        and is_kept(file)
    )
    start = known.vintages - 1 if known is not None and is_prefix else 0
    create_table(connection)
    if start and file is not None:
        connection.execute(f"INSERT INTO revisions FROM read_parquet({literal(str(brought(file)))})")
    vintages = list(sound.vintages(dataset, partition))[start:]
    _compare_all(ctx, dataset, partition, vintages, connection)
    rows, content = ctx.revisions.write(connection, dataset, partition)
    return RevisionInfo(revision_signature(dataset, names), len(names), rows, content)


def _compare_all(
    ctx: RunContext,
    dataset: Dataset,
    partition: str,
    vintages: Sequence[Vintage],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    before: Arrival | None = None
    for position, vintage in enumerate(vintages):
        # Two names are enough: each vintage is compared with the one before it only.
        after = Arrival(f"vintage_{position % 2}", vintage.sha256, vintage.known_at)
        load(connection, dataset, raw_file(ctx, dataset, Content(vintage.sha256)), after.table, order=False)
        if before is not None:
            compare(connection, dataset, partition, before, after)
        before = after
