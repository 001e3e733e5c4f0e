"""From portal to raw vintage: observe, plan, fetch, verify, keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Literal

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect
from dataelec_assets.errors import (
    ContractViolation,
    DataElecError,
    DatasetAbsent,
    DeadlinePassed,
    IncompleteExport,
    ShrunkArrival,
    SourceError,
)
from dataelec_assets.house import House
from dataelec_assets.lake.files import exclusive, temporary_path
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.lake.reading import Facts, load
from dataelec_assets.lake.shapes import inspect, unknown_headers
from dataelec_assets.lake.state import (
    PartitionMemory,
    SourceState,
    load_memory,
    load_state,
    save_memory,
    save_state,
)
from dataelec_assets.portals.client import DatasetMetadata, PortalClient
from dataelec_assets.portals.downloads import CallOff, Cancelled, Failed, run_side_by_side
from dataelec_assets.portals.fingerprints import Fingerprint, difference
from dataelec_assets.portals.progress import Progress
from dataelec_assets.portals.windows import UNDATED, partition_of
from dataelec_assets.refresh.copies import stale_copies
from dataelec_assets.refresh.faults import contained
from dataelec_assets.refresh.plan import Plan, Reason, Stale, plan_source

# Below this share of the partition's last row count an arrival is refused: a publisher's accident, not a revision.
# The reference asks for ±25 % on raw arrivals (datasets.md, section 17).
SMALLEST_SHARE = 0.75

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
        SourceError: the portal cannot answer.
    """
    view = PortalView(metadata, {})
    known = {key: Fingerprint.read(text) for key, text in memory.portal.items()}
    if view.version == memory.version and all(known.values()) and not client.survey_is_free:
        return PortalView(metadata, {key: each for key, each in known.items() if each}, tuple(memory.weak))
    survey = client.survey(dataset, metadata)
    memory.portal = {key: each.text for key, each in survey.partitions.items()}
    memory.version, memory.weak = view.version, list(survey.weak)
    return PortalView(metadata, survey.partitions, survey.weak, survey.versions)


def plan_of(house: House, dataset: Dataset, view: PortalView, memory: PartitionMemory) -> Plan:
    """Return what is stale of a source, given what its portal shows."""
    return plan_source(
        dataset,
        view.partitions,
        memory.lake,
        house.now(),
        weak=view.weak,
        copies=stale_copies(house, dataset),
    )


def is_current(view: PortalView, memory: PartitionMemory) -> bool:
    """Return whether the lake holds the content of every partition that the portal shows."""
    return all(
        partition in memory.lake and difference(memory.lake[partition], fingerprint) is None
        for partition, fingerprint in view.partitions.items()
        if partition != UNDATED
    )


def refresh_source(
    house: House,
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
    with exclusive(house.paths, wait_seconds=house.lock_wait_seconds):
        return fetch_source(house, dataset, progress, partitions=partitions, accept_shrink=accept_shrink, view=view)


def fetch_source(
    house: House,
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
        house: settings and folders.
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
    if house.lacks_key(dataset):
        report.outcome = "no key"
        return report
    called_off = called_off or CallOff()
    try:
        state, memory = load_state(house.paths, dataset), load_memory(house.paths, dataset)
        state.checked_at = house.now().astimezone(UTC).isoformat()
        try:
            with (
                contained(dataset, "refreshing"),
                house.client(dataset, spent=spent) as client,
                called_off.ending(client.cancel),
            ):
                known = (state, memory, report)
                job = _SourceRefresh(house, dataset, client, known, called_off, accept_shrink=accept_shrink)
                job.run(partitions, progress, view)
        except DataElecError as error:
            if called_off.is_set():
                # What was cut is no fault of the portal.
                raise Cancelled from error
            state.failed(str(error), absent=isinstance(error, DatasetAbsent))
            raise
        finally:
            save_memory(house.paths, dataset, memory)
            save_state(house.paths, dataset, state)
    except DataElecError as error:
        report.failed(error)
    return report


class _SourceRefresh:
    """One refresh of one source; holds what its steps share."""

    def __init__(
        self,
        house: House,
        dataset: Dataset,
        client: PortalClient,
        known: tuple[SourceState, PartitionMemory, SourceReport],
        called_off: CallOff,
        *,
        accept_shrink: bool,
    ) -> None:
        self.house = house
        self.dataset = dataset
        self.client = client
        self.state, self.memory, self.report = known
        self.called_off = called_off
        self.accept_shrink = accept_shrink
        self._database = connect()

    def run(self, partitions: Iterable[str] | None, progress: Progress, view: PortalView | None) -> None:
        """Observe, plan, fetch; raise the first fault of the source once everything that can be kept is kept."""
        metadata = view.metadata if view else self.client.metadata(self.dataset)
        self.report.version = note_version(self.state, metadata, self.house.now())
        view = view or look(self.client, self.dataset, metadata, self.memory)
        plan = plan_of(self.house, self.dataset, view, self.memory)
        self.report.warnings.extend(plan.warnings)
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
        self.report.outcome = "refreshed" if self.report.changed else "checked"
        if errors:
            raise errors[0]
        if is_current(view, self.memory):
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
            with contained(self.dataset, f"fetching {each.partition}"):
                vintage, is_new = self._fetch_one(each.partition, view, on_bytes)
            with remembering:
                self.report.fetched.append(each)
                self.report.rows += vintage.rows
                self.memory.lake[each.partition] = view.partitions[each.partition].text
                if is_new:
                    self.memory.vintages[each.partition] = vintage.name
                    self.report.changed.append(each.partition)
                if len(self.report.fetched) % CHECKPOINT_EVERY == 0:
                    save_memory(self.house.paths, self.dataset, self.memory)

        if not stale:
            return []
        outcomes = run_side_by_side(
            stale,
            fetch,
            limit=self.house.settings.connections,
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
        return errors

    def _fetch_one(
        self,
        partition: str,
        view: PortalView,
        on_bytes: Callable[[int], None],
    ) -> tuple[Vintage, bool]:
        """Download, verify and keep one partition; return what arrived, and whether its content is new."""
        draft = temporary_path(self.house.paths, ".csv.zst")
        fetched_at = self.house.now().astimezone(UTC)
        download = self.client.fetch(self.dataset, partition, draft, on_bytes)
        try:
            version = view.versions.get(partition, view.version)
            rows = self._verified_rows(download.path, partition, version)
            self.client.verify(self.dataset, partition, rows)
            self._check_size(rows, partition)
            vintage = Vintage(
                dataset_id=self.dataset.id,
                partition=partition,
                url=download.url,
                parameters=download.parameters,
                fetched_at=fetched_at.isoformat(),
                portal_version=version,
                sha256=download.sha256,
                bytes=download.bytes,
                rows=rows,
                fingerprint=view.partitions[partition].text,
                licence=self.dataset.licence,
                synthetic=view.metadata.synthetic,
            )
            return vintage, self.house.raw.keep(download.path, vintage, stamped=self.dataset.stamped_by is not None)
        finally:
            draft.unlink(missing_ok=True)

    def _verified_rows(self, path: Path, partition: str, version: str) -> int:
        """Parse the whole arrival by contract; return its rows.

        Raises:
            SourceError: the arrival is not what the catalogue and the request promise.
        """
        raw = replace(inspect(self.dataset.id, path), stamp=version if self.dataset.stamped_by else None)
        with _parsing:
            facts = load(self._database.cursor(), self.dataset, raw, "arrival", order=False)
        if facts.rows == 0:
            raise IncompleteExport(
                f"the export of {partition} is empty although the portal lists rows there.", dataset_id=self.dataset.id
            )
        self._check_window(facts, partition)
        for name in unknown_headers(self.dataset, raw):
            message = f"new column {name!r} is kept in raw and not loaded"
            if message not in self.report.warnings:
                self.report.warnings.append(message)
        return facts.rows

    def _check_size(self, rows: int, partition: str) -> None:
        """Compare an arrival, known to be whole, with the one before.

        Raises:
            ShrunkArrival: it has lost too many rows, and nobody said that this is meant.
        """
        is_stamped = self.dataset.stamped_by is not None
        # A whole state is compared with the one before, also when that was of the day before.
        before = max(self.house.raw.partitions(self.dataset), default=partition) if is_stamped else partition
        newest = self.house.raw.newest(self.dataset.id, before)
        shrinks = newest is not None and rows < SMALLEST_SHARE * newest.rows
        may_shrink = (self.dataset.keep_vanished and not is_stamped) or self.accept_shrink
        if newest is not None and shrinks and not may_shrink:
            raise ShrunkArrival(
                f"{partition} has shrunk from {newest.rows} to {rows} rows.", dataset_id=self.dataset.id
            )

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
