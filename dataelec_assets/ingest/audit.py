"""The whole lake compared with the sums that the portals give today, without downloading anything.

A refresh proves each arrival when it comes. An audit proves what is there: it finds what an earlier version believed, a
copy that a disk has changed, and a vintage whose fingerprint was remembered wrongly. What differs is fetched or copied
again by the refresh that follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect, literal
from dataelec_assets.errors import DataElecError
from dataelec_assets.ingest.arrivals import FIGURES_SHOWN
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.observe import view_portal
from dataelec_assets.ingest.proof import Disagreement, can_be_proved, disagreements
from dataelec_assets.ingest.revisions import raw_file
from dataelec_assets.ingest.two_portals import as_loaded
from dataelec_assets.lake.atomic_files import touch
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.raw import Content
from dataelec_assets.lake.reading import load
from dataelec_assets.lake.state import load_memory, load_state, save_memory, save_state
from dataelec_assets.lake.write_through import brought, is_kept
from dataelec_assets.portals.fingerprints import Fingerprint, difference
from dataelec_assets.run_context import RunContext


@dataclass(slots=True)
class Audit:
    """What an audit of one source has found.

    Attributes:
        dataset_id: the source.
        proved: partitions that hold what the portal sums up.
        moved: partitions that the portal has changed since they were fetched, or that were never fetched.
        wrong: figures that differ in partitions that should be equal, by partition.
        error: why the source could not be compared; None when it was.
        has_sums: whether its portal gives sums at all.
    """

    dataset_id: str
    proved: int = 0
    moved: int = 0
    wrong: dict[str, list[Disagreement]] = field(default_factory=dict)
    error: str | None = None
    has_sums: bool = True

    def lines(self) -> list[str]:
        """Return the findings, one line for each partition that is wrong."""
        return [
            f"{self.dataset_id}: {partition} is not what the portal sums up and is renewed: "
            f"{'; '.join(each.describe('in the lake') for each in figures[:FIGURES_SHOWN])}."
            for partition, figures in self.wrong.items()
        ]


def audit_sources(ctx: RunContext, datasets: Iterable[Dataset]) -> list[Audit]:
    """Compare what the lake holds of some sources with the portals' sums.

    A partition that differs is marked, so that the refresh that follows copies it again from raw, or fetches it again
    when raw itself differs.

    Returns:
        One audit for each source that was ever loaded; a portal that does not answer is named in its audit.
    """
    return [_audited(ctx, dataset) for dataset in datasets if not ctx.is_off(dataset) and ctx.raw.partitions(dataset)]


def _audited(ctx: RunContext, dataset: Dataset) -> Audit:
    audit = Audit(dataset.id)
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        memory, state = load_memory(ctx.paths, dataset), load_state(ctx.paths, dataset)
        memory.version = None  # asked again, whatever is remembered
        try:
            asked = as_loaded(ctx, dataset)
            with contained(dataset, "auditing"), ctx.client(asked) as client:
                view = view_portal(client, asked, client.metadata(asked), memory)
                _compare(ctx, dataset, view.partitions, memory.lake, audit)
        except DataElecError as error:  # of the portal, or a vintage that is damaged: the other sources go on
            audit.error = str(error)
            return audit
        for partition in audit.wrong.keys() & ctx.parquet.index(dataset).keys():
            # Raw itself differs: the refresh that follows asks for it again.
            memory.lake.pop(partition, None)
            state.version = None
        save_memory(ctx.paths, dataset, memory)
        save_state(ctx.paths, dataset, state)
    return audit


def _compare(
    ctx: RunContext, dataset: Dataset, shown: Mapping[str, Fingerprint], held: Mapping[str, str], audit: Audit
) -> None:
    known = set(ctx.raw.partitions(dataset))
    audit.has_sums = any(can_be_proved(dataset, each) for each in shown.values())
    with connect() as connection:
        for partition, fingerprint in shown.items():
            if not can_be_proved(dataset, fingerprint):
                continue
            if partition not in known or partition not in held or difference(held[partition], fingerprint) is not None:
                audit.moved += 1
                continue
            if wrong := _differing(ctx, dataset, partition, fingerprint, connection):
                audit.wrong[partition] = wrong
            else:
                audit.proved += 1


def _differing(
    ctx: RunContext, dataset: Dataset, partition: str, announced: Fingerprint, connection: duckdb.DuckDBPyConnection
) -> list[Disagreement]:
    """Return the figures that differ; a copy that differs from its own vintage is marked to be made again."""
    newest, sound = ctx.raw.newest(dataset.id, partition), ctx.sound.newest(dataset.id, partition)
    index, cursor = ctx.parquet.index(dataset), connection.cursor()
    file = ctx.parquet.part(dataset, partition, index[partition].signature) if partition in index else None
    # Rows that have left the portal stay in such a copy, and what is in quarantine is not in it: raw decides.
    is_copied_whole = not dataset.keep_vanished and newest == sound and file is not None and is_kept(file)
    if is_copied_whole and file is not None:
        source = f"read_parquet({literal(str(brought(file)))}, hive_partitioning = false)"
        try:
            cursor.execute(f"CREATE OR REPLACE TEMP VIEW copied AS FROM {source}")
            wrong = disagreements(cursor, dataset, "copied", announced)
        except duckdb.Error as error:
            wrong = [Disagreement("the copy", f"unreadable ({str(error).strip().splitlines()[0]})", "whole")]
        if not wrong:
            return []
    if newest is None:
        return []
    load(cursor, dataset, raw_file(ctx, dataset, Content(newest.sha256)), "vintage", order=False)
    in_raw = disagreements(cursor, dataset, "vintage", announced)
    if in_raw or not is_copied_whole:
        return in_raw
    index.pop(partition, None)
    ctx.parquet.write_index(dataset, index)
    touch(ctx.raw.pending(dataset.id))
    return wrong
