"""From portal to raw vintage: observe, plan, fetch, verify, keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Literal

import duckdb

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect
from dataelec_assets.errors import (
    ContentMismatch,
    ContractViolation,
    DataElecError,
    DatasetAbsent,
    DeadlinePassed,
    IncompleteExport,
    ShrunkArrival,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.ingest.copies import stale_copies
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.plan import Plan, Reason, Stale, impossible_partitions, plan_source
from dataelec_assets.ingest.proof import Disagreement, can_be_proved, disagreements, doubled_by, doubled_otherwise
from dataelec_assets.ingest.revisions import raw_file
from dataelec_assets.lake.atomic_files import exclusive, temporary_path
from dataelec_assets.lake.dates import last_day
from dataelec_assets.lake.file_formats import inspect, unknown_headers
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.lake.reading import Facts, load
from dataelec_assets.lake.state import (
    PartitionMemory,
    SourceState,
    load_memory,
    load_state,
    save_memory,
    save_state,
)
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalClient
from dataelec_assets.portals.downloads import CallOff, Cancelled, Failed, run_side_by_side
from dataelec_assets.portals.fingerprints import Fingerprint, difference
from dataelec_assets.portals.partition_filters import UNDATED, partition_of
from dataelec_assets.portals.progress import Progress
from dataelec_assets.run_context import RunContext

# Below this share of the partition's last row count an arrival is refused: a publisher's accident, not a revision.
# The reference asks for ±25 % on raw arrivals (datasets.md, section 17).
SMALLEST_SHARE = 0.75

# So many first arrivals that break the contract alike, before any is kept, say that the contract or the publisher's
# export has changed, not a partition: asking for two hundred more would tell nothing new. One bad month costs none.
HOPELESS_AFTER = 3

# Figures that differ are told up to this number: the first ones are the count, the last instant and the main measures.
FIGURES_SHOWN = 3

# What is new is remembered by its manifest, at once. What was fetched and was not new leaves none: it is written down
# after this many partitions, so that a refresh that is killed need not ask for all of it again.
CHECKPOINT_EVERY = 12

# Arrivals that are parsed at the same time, whatever the number of sources: as many as one source had alone, so that
# memory stays what it was.
_parsing = BoundedSemaphore(4)

Outcome = Literal["no key", "unchanged", "checked", "refreshed", "absent", "failed"]


@dataclass(slots=True)
class SourceReport:
    """What a refresh did for one source.

    Attributes:
        dataset_id: the source.
        outcome: ``unchanged`` (same portal version: one call), ``checked`` (the version moved, the content did not),
            ``refreshed``, ``absent`` (the portal does not have it), ``failed``; ``no key``: its portal needs one, the
            settings have none, so it was not asked, which is no fault.
        fetched: partitions downloaded, with the reason.
        changed: those whose content was new.
        rows: rows downloaded.
        warnings: what did not stop the source but should be known (new columns, vanished partitions).
        error: the fault in words, when ``failed`` or ``absent``.
        fault: name of its class.
        version: the portal's version that was seen.
        not_loaded: rows that the portal shows and that cannot be loaded, since nothing true tells their day.
    """

    dataset_id: str
    outcome: Outcome
    fetched: list[Stale] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    rows: int = 0
    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    fault: str | None = None
    version: str | None = None
    not_loaded: int = 0

    def failed(self, error: DataElecError) -> None:
        """Write down the fault that stopped the source."""
        self.outcome = "absent" if isinstance(error, DatasetAbsent) else "failed"
        self.error, self.fault = str(error), type(error).__name__

    def joined(self, later: SourceReport) -> SourceReport:
        """Return one report for two runs of the same source, the fault of the earlier one first."""
        rank: tuple[Outcome, ...] = ("no key", "unchanged", "checked", "refreshed", "absent", "failed")
        fault = self if self.error else later
        return SourceReport(
            self.dataset_id,
            max(self.outcome, later.outcome, key=rank.index),
            [*self.fetched, *later.fetched],
            [*self.changed, *later.changed],
            self.rows + later.rows,
            list(dict.fromkeys([*self.warnings, *later.warnings])),
            fault.error,
            fault.fault,
            later.version or self.version,
            later.not_loaded or self.not_loaded,
        )


@dataclass(frozen=True, slots=True)
class PortalView:
    """What a portal said of one source.

    Attributes:
        metadata: the portal's words on the data set.
        partitions: fingerprint of each partition.
        weak: principal measures that the portal could not sum.
        versions: when each partition was published (ISO, UTC), where that is another time than the data set's.
    """

    metadata: DatasetMetadata
    partitions: Mapping[str, Fingerprint]
    weak: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The portal's version (ISO, UTC)."""
        return self.metadata.data_processed.astimezone(UTC).isoformat()


def note_version(state: SourceState, metadata: DatasetMetadata, now: datetime) -> str:
    """Write the portal's version into the state of the source, and return it (ISO, UTC)."""
    version = PortalView(metadata, {}).version
    if version != state.observed or state.unchanged_since is None:
        state.unchanged_since = now.astimezone(UTC).isoformat()
    state.observed, state.records_count, state.synthetic = version, metadata.records_count, metadata.synthetic
    return version


def look(client: PortalClient, dataset: Dataset, metadata: DatasetMetadata, memory: PartitionMemory) -> PortalView:
    """Return what the portal shows in each partition: one call, none when the answer is remembered.

    What it says goes into the memory of the source; the caller saves it.

    Raises:
        ContractViolation: a column that the fingerprint needs is not there.
        UnexpectedContent: the groups do not add up to the number of rows that the portal announces.
        SourceError: the portal cannot answer.
    """
    view = PortalView(metadata, {})
    known = {key: Fingerprint.read(text) for key, text in memory.portal.items()}
    if view.version == memory.version and all(known.values()) and not client.survey_is_free:
        remembered = {key: each for key, each in known.items() if each}
        if _adds_up(remembered, metadata) is None:
            return PortalView(metadata, remembered, tuple(memory.weak))
    survey = client.survey(dataset, metadata)
    if _adds_up(survey.partitions, metadata) is not None:
        # The portal may have processed the set between the two answers: both are asked once more.
        metadata = client.metadata(dataset)
        view, survey = PortalView(metadata, {}), client.survey(dataset, metadata)
        if (fault := _adds_up(survey.partitions, metadata)) is not None:
            raise UnexpectedContent(fault, dataset_id=dataset.id, request="grouped records")
    memory.portal = {key: each.text for key, each in survey.partitions.items()}
    memory.version, memory.weak = view.version, list(survey.weak)
    return PortalView(metadata, survey.partitions, survey.weak, survey.versions)


def _adds_up(partitions: Mapping[str, Fingerprint], metadata: DatasetMetadata) -> str | None:
    """Return how the groups of a portal miss its own number of rows; None when they add up, or it tells none."""
    rows = sum(each.rows for each in partitions.values())
    if rows == metadata.records_count or not metadata.fields:
        return None
    return (
        f"the groups of the portal hold {rows:,} rows in {len(partitions)} partition(s), "
        f"its metadata announce {metadata.records_count:,}."
    )


def plan_of(ctx: RunContext, dataset: Dataset, view: PortalView, memory: PartitionMemory) -> Plan:
    """Return what is stale of a source, given what its portal shows."""
    return plan_source(
        dataset,
        view.partitions,
        memory.lake,
        ctx.now(),
        weak=view.weak,
        copies=stale_copies(ctx, dataset),
    )


def is_current(dataset: Dataset, view: PortalView, memory: PartitionMemory, now: datetime) -> bool:
    """Return whether the lake holds the content of every partition that the portal shows and that can be loaded."""
    impossible = impossible_partitions(dataset, view.partitions, now)
    return all(
        partition in memory.lake and difference(memory.lake[partition], fingerprint) is None
        for partition, fingerprint in view.partitions.items()
        if partition not in {UNDATED, *impossible}
    )


def refresh_source(
    ctx: RunContext,
    dataset: Dataset,
    progress: Progress,
    *,
    partitions: Iterable[str] | None = None,
    accept_shrink: bool = False,
    view: PortalView | None = None,
) -> SourceReport:
    """Bring the raw vintages of one source up to date, under the lock of the lake; see :func:`fetch_source`.

    Raises:
        BusyError: another process holds the lock for too long.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        return fetch_source(ctx, dataset, progress, partitions=partitions, accept_shrink=accept_shrink, view=view)


def fetch_source(
    ctx: RunContext,
    dataset: Dataset,
    progress: Progress,
    *,
    partitions: Iterable[str] | None = None,
    accept_shrink: bool = False,
    view: PortalView | None = None,
    spent: float = 0.0,
    called_off: CallOff | None = None,
) -> SourceReport:
    """Bring the raw vintages of one source up to date; the caller holds the lock of the lake.

    Several sources may be fetched at the same time, each in a thread of its own.

    Args:
        ctx: settings and folders.
        dataset: the source.
        progress: where the advance of the downloads is shown.
        partitions: fetch exactly these, whatever the fingerprints say; None: those that are stale.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        view: what the portal said a moment ago, so that it need not be asked again.
        spent: seconds that the source has already taken of its time in this refresh.
        called_off: through which another thread ends the work; ``Cancelled`` is raised then.

    Returns:
        The report. A fault of the source, or of the lake while the source is handled, is in the report and in the
        source's state, never raised: the other sources go on.
    """
    report = SourceReport(dataset.id, "unchanged")
    if ctx.lacks_key(dataset):
        report.outcome = "no key"
        return report
    called_off = called_off or CallOff()
    try:
        state, memory = load_state(ctx.paths, dataset), load_memory(ctx.paths, dataset)
        state.checked_at = ctx.now().astimezone(UTC).isoformat()
        try:
            with (
                contained(dataset, "refreshing"),
                ctx.client(dataset, spent=spent) as client,
                called_off.ending(client.cancel),
            ):
                known = (state, memory, report)
                job = _SourceRefresh(ctx, dataset, client, known, called_off, accept_shrink=accept_shrink)
                job.run(partitions, progress, view)
        except DataElecError as error:
            if called_off.is_set():
                # What was cut is no fault of the portal.
                raise Cancelled from error
            state.failed(str(error), absent=isinstance(error, DatasetAbsent))
            raise
        finally:
            save_memory(ctx.paths, dataset, memory)
            save_state(ctx.paths, dataset, state)
    except DataElecError as error:
        report.failed(error)
    return report


class _SourceRefresh:
    """One refresh of one source; holds what its steps share."""

    def __init__(
        self,
        ctx: RunContext,
        dataset: Dataset,
        client: PortalClient,
        known: tuple[SourceState, PartitionMemory, SourceReport],
        called_off: CallOff,
        *,
        accept_shrink: bool,
    ) -> None:
        self.ctx = ctx
        self.dataset = dataset
        self.client = client
        self.state, self.memory, self.report = known
        self.called_off = called_off
        self.accept_shrink = accept_shrink
        self._database = connect(spill=self.ctx.paths.temporary)
        # What the portal is found to show of each partition: a fetch may learn more than the survey told.
        self._shown: dict[str, Fingerprint] = {}
        # Contract violations as long as no partition has arrived: which column, how often.
        self._refused: Counter[str | None] = Counter()

    def run(self, partitions: Iterable[str] | None, progress: Progress, view: PortalView | None) -> None:
        """Observe, plan, fetch; raise the first fault of the source once everything that can be kept is kept."""
        metadata = view.metadata if view else self.client.metadata(self.dataset)
        self.report.version = note_version(self.state, metadata, self.ctx.now())
        view = view or look(self.client, self.dataset, metadata, self.memory)
        self._shown = dict(view.partitions)
        plan = plan_of(self.ctx, self.dataset, view, self.memory)
        self.report.warnings.extend(plan.warnings)
        self.report.not_loaded = self.state.not_loaded = plan.not_loaded
        if partitions is None and view.version == self.state.version and not plan.to_fetch:
            self.state.settled(0)
            return
        reasons: dict[str, Reason] = {each.partition: each.reason for each in plan.to_fetch}
        wanted = (
            plan.to_fetch
            if partitions is None
            else tuple(Stale(each, reasons.get(each, "asked for")) for each in partitions if each in view.partitions)
        )
        errors = self._fetch(wanted, view, progress)
        if self.report.fetched:
            self.report.warnings.extend(metadata.notices)
        self.report.outcome = "refreshed" if self.report.changed else "checked"
        if errors:
            raise errors[0]
        if is_current(self.dataset, PortalView(metadata, self._shown), self.memory, self.ctx.now()):
            self.state.version = view.version
        self.state.settled(len({each.partition for each in plan.to_fetch} - {each.partition for each in wanted}))

    def _fetch(
        self,
        stale: Sequence[Stale],
        view: PortalView,
        progress: Progress,
    ) -> list[SourceError]:
        """Fetch the stale partitions side by side; what succeeds is kept whatever happens to the others."""
        remembering = Lock()

        def fetch(each: Stale, on_bytes: Callable[[int], None]) -> None:
            if self._is_hopeless():
                return
            with contained(self.dataset, f"fetching {each.partition}"):
                try:
                    vintage, is_new = self._fetch_one(each.partition, view, on_bytes)
                except ContractViolation as error:
                    with remembering:
                        self._refused[error.column] += 1
                    raise
            with remembering:
                self.report.fetched.append(each)
                self.report.rows += vintage.rows
                self.memory.lake[each.partition] = self.memory.portal[each.partition] = self._shown[each.partition].text
                if is_new:
                    self.memory.vintages[each.partition] = vintage.name
                    self.report.changed.append(each.partition)
                if len(self.report.fetched) % CHECKPOINT_EVERY == 0:
                    save_memory(self.ctx.paths, self.dataset, self.memory)

        if not stale:
            return []
        outcomes = run_side_by_side(
            stale,
            fetch,
            limit=self.ctx.settings.connections,
            progress=progress,
            title=self.dataset.id,
            label=lambda each: f"{self.dataset.id} {each.partition}",
            called_off=self.called_off,
            on_cancel=self.client.cancel,
        )
        self.report.fetched.sort(key=lambda each: each.partition)
        self.report.changed.sort()
        errors = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
        if late := next((error for error in errors if isinstance(error, DeadlinePassed)), None):
            fetched = f"{len(self.report.fetched)} of {len(stale)} partition(s) were fetched before"
            return [DeadlinePassed(f"{late.what}; {fetched}", dataset_id=self.dataset.id, request=late.request)]
        if errors and (spared := len(stale) - len(self.report.fetched) - len(errors)) > 0:
            self.report.warnings.append(
                f"{spared} further partition(s) were not asked for: the first {len(errors)} break the same contract"
            )
        return errors

    def _is_hopeless(self) -> bool:
        """Return whether the contract, not a partition, is at fault: the first arrivals all break it alike."""
        return not self.report.fetched and max(self._refused.values(), default=0) >= HOPELESS_AFTER

    def _fetch_one(
        self,
        partition: str,
        view: PortalView,
        on_bytes: Callable[[int], None],
    ) -> tuple[Vintage, bool]:
        """Download, verify and keep one partition; return what arrived, and whether its content is new.

        Args:
            partition: its key.
            view: what the portal said of the source.
            on_bytes: see :meth:`PortalClient.fetch`.
        """
        draft = temporary_path(self.ctx.paths, ".csv.zst")
        fetched_at = self.ctx.now().astimezone(UTC)
        try:
            download, rows = self._proved(partition, view, draft, on_bytes)
            vintage = Vintage(
                dataset_id=self.dataset.id,
                partition=partition,
                url=download.url,
                parameters=download.parameters,
                fetched_at=fetched_at.isoformat(),
                portal_version=self._version(view, partition),
                sha256=download.sha256,
                bytes=download.bytes,
                rows=rows,
                fingerprint=self._shown[partition].text,
                licence=self.dataset.licence,
                synthetic=view.metadata.synthetic,
            )
            return vintage, self.ctx.raw.keep(download.path, vintage, stamped=self.dataset.stamped_by is not None)
        finally:
            draft.unlink(missing_ok=True)

    @staticmethod
    def _version(view: PortalView, partition: str) -> str:
        return view.versions.get(partition, view.version)

    def _proved(
        self,
        partition: str,
        view: PortalView,
        draft: Path,
        on_bytes: Callable[[int], None],
    ) -> tuple[Download, int]:
        """Download a partition until it is what the portal announces, twice at most; return it and its rows.

        Raises:
            ContentMismatch: it is not, both times; the message has both figures.
            SourceError: the arrival is not what the catalogue and the request promise.
        """
        wrong: list[Disagreement] = []
        for _ in range(2):
            download = self.client.fetch(self.dataset, partition, draft, on_bytes)
            cursor = self._database.cursor()
            facts = self._verified(cursor, download.path, partition, self._version(view, partition))
            if not can_be_proved(self.dataset, self._shown[partition]):
                self.client.verify(self.dataset, partition, facts.rows)
                wrong = []
            elif wrong := disagreements(cursor, self.dataset, "arrival", self._shown[partition]):
                # The portal may have processed the set since it was asked.
                self._shown[partition] = self.client.survey_partition(self.dataset, partition, view.metadata)
                wrong = disagreements(cursor, self.dataset, "arrival", self._shown[partition])
            if not wrong and can_be_proved(self.dataset, self._shown[partition]):
                wrong = self._doubled(cursor, partition, view)
            if not wrong:
                self._check_size(cursor, facts.rows, partition)
                return download, facts.rows
        raise ContentMismatch(
            f"the export of {partition} is not what the portal announces, asked twice: "
            f"{'; '.join(str(each) for each in wrong[:FIGURES_SHOWN])}.",
            dataset_id=self.dataset.id,
            request=download.url,
        )

    def _doubled(self, cursor: duckdb.DuckDBPyConnection, partition: str, view: PortalView) -> list[Disagreement]:
        """Return how an arrival with rows of one key twice differs from the portal, which may have them twice too."""
        columns = doubled_by(cursor, self.dataset, "arrival", {each.name for each in view.metadata.fields})
        announced = self.client.rows_by(self.dataset, partition, columns) if columns else None
        if announced is None:
            return []
        differing = doubled_otherwise(cursor, columns, "arrival", announced)
        return [differing] if differing is not None else []

    def _verified(self, cursor: duckdb.DuckDBPyConnection, path: Path, partition: str, version: str) -> Facts:
        """Parse the whole arrival by contract into the table ``arrival``; return its facts.

        Raises:
            SourceError: the arrival is not what the catalogue and the request promise.
        """
        raw = replace(inspect(self.dataset.id, path), stamp=version if self.dataset.stamped_by else None)
        last = last_day(self.dataset, self.ctx.now())
        with _parsing:
            facts = load(cursor, self.dataset, raw, "arrival", order=False, last=last)
        if facts.rows == 0:
            raise IncompleteExport(
                f"the export of {partition} is empty although the portal lists rows there.", dataset_id=self.dataset.id
            )
        self._check_window(facts, partition)
        unknown = [f"new column {name!r} is kept in raw and not loaded" for name in unknown_headers(self.dataset, raw)]
        for message in (*unknown, *facts.notes):
            if message not in self.report.warnings:
                self.report.warnings.append(message)
        return facts

    def _check_size(self, cursor: duckdb.DuckDBPyConnection, rows: int, partition: str) -> None:
        """Compare an arrival, known to be whole, with the one before.

        Raises:
            ShrunkArrival: it has lost too many rows, and nobody said that this is meant.
        """
        is_stamped = self.dataset.stamped_by is not None
        # A whole state is compared with the one before, also when that was of the day before.
        before = max(self.ctx.raw.partitions(self.dataset), default=partition) if is_stamped else partition
        newest = self.ctx.raw.newest(self.dataset.id, before)
        if newest is None or rows >= SMALLEST_SHARE * newest.rows or self.accept_shrink:
            return
        if self.dataset.keep_vanished and not is_stamped:
            return
        keys = self._keys(cursor, newest)
        if keys is not None and keys[1] >= SMALLEST_SHARE * keys[0]:
            # Rows that were published twice are published once: a repair.
            return
        told = f" ({keys[0]} to {keys[1]} distinct keys)" if keys is not None else ""
        raise ShrunkArrival(
            f"{partition} has shrunk from {newest.rows} to {rows} rows{told}.", dataset_id=self.dataset.id
        )

    def _keys(self, cursor: duckdb.DuckDBPyConnection, newest: Vintage) -> tuple[int, int] | None:
        """Return the number of distinct keys of the vintage before and of the arrival; None without a key."""
        if not self.dataset.key:
            return None
        stamp = f" {newest.portal_version}" if self.dataset.stamped_by else ""
        load(cursor, self.dataset, raw_file(self.ctx, self.dataset, newest.sha256 + stamp), "before", order=False)
        key = ", ".join(self.dataset.key)
        before, after = (
            cursor.execute(f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM {table})").fetchall()[0][0]
            for table in ("before", "arrival")
        )
        return before, after

    def _check_window(self, facts: Facts, partition: str) -> None:
        """Check that the portal has honoured the bounds of the request.

        Raises:
            ContractViolation: a row lies outside the partition.
        """
        column = self.dataset.partitioning.on
        if column is None or partition == UNDATED:
            return
        parse: dict[str, Callable[[str], datetime | date | int]] = {
            "datetime": datetime.fromisoformat,
            "date": date.fromisoformat,
            "int": int,
        }
        found = {
            partition_of(self.dataset, parse[self.dataset.column(column).type](bound))
            for bound in (facts.first, facts.last)
            if bound
        }
        if found != {partition}:
            raise ContractViolation(
                f"the export of {partition} holds rows from {facts.first} to {facts.last}.",
                dataset_id=self.dataset.id,
                column=column,
            )
