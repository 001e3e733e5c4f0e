"""The downloads of one source: partitions alone or many in one request, each verified, kept and remembered."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import (
    ContractViolation,
    DeadlinePassed,
    IncompleteExport,
    QuotaExceeded,
    SourceError,
)
from dataelec_assets.ingest.arrivals import Arrival, ArrivalDesk
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.plan import Stale
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.ingest.together import requests_of
from dataelec_assets.lake.atomic_files import temporary_path
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.lake.state import PartitionMemory, save_memory
from dataelec_assets.portals.client import Download, PortalClient, SpanPortal, Together
from dataelec_assets.portals.downloads import CallOff, Failed, run_side_by_side
from dataelec_assets.portals.progress import Progress, SilentProgress
from dataelec_assets.run_context import RunContext

_log = logging.getLogger(__name__)

# So many first arrivals that break the contract alike, before any is kept, say that the contract or the publisher's
# export has changed, not a partition: asking for two hundred more would add nothing. One bad month costs none.
HOPELESS_AFTER = 3

# What is new is remembered by its manifest, at once. What was fetched and was not new leaves none: it is written down
# after this many partitions, so that a refresh that is killed need not ask for all of it again.
CHECKPOINT_EVERY = 12

# After these nothing more is to be had of a source in this refresh.
_SPENT = (QuotaExceeded, DeadlinePassed)


class Downloading:
    """The downloads of one source; holds what its threads share.

    Args:
        ctx: settings and folders.
        dataset: the source.
        client: of its portal.
        desk: receives what arrives.
        memory: takes what is known of each partition.
        report: takes what was fetched.
    """

    def __init__(
        self,
        ctx: RunContext,
        dataset: Dataset,
        client: PortalClient,
        desk: ArrivalDesk,
        *,
        memory: PartitionMemory,
        report: SourceReport,
    ) -> None:
        self._ctx = ctx
        self._dataset = dataset
        self._client = client
        self._desk = desk
        self._memory = memory
        self._report = report
        self._remembering = Lock()
        # Contract violations as long as no partition has arrived: which column, how often; alone and together.
        self._refused: Counter[str | None] = Counter()
        self._refused_together: Counter[str | None] = Counter()
        # Partitions that did not come together with others as they should have.
        self._left: set[str] = set()

    def run(self, wanted: Sequence[Stale], progress: Progress, called_off: CallOff) -> list[SourceError]:
        """Fetch partitions side by side; what succeeds is kept whatever happens to the others.

        Many are asked for together; of these, the ones that did not arrive as announced are asked for again, each
        alone.

        Returns:
            The faults, the first of which is the source's.
        """
        if not wanted:
            return []
        progress.begin(self._dataset.id, len(wanted))
        faults = self._ask(self._requests(wanted), progress, called_off)
        left = [each for each in wanted if each.partition in self._left]
        if spent := next((error for error in faults.values() if isinstance(error, _SPENT)), None):
            faults |= {each.partition: spent for each in left}
        elif left:
            faults |= self._ask([(each,) for each in left], progress, called_off)
        report = self._report
        report.fetched.sort(key=lambda each: each.partition)
        report.changed.sort()
        errors = [faults[each.partition] for each in wanted if each.partition in faults]
        if late := next((error for error in errors if isinstance(error, DeadlinePassed)), None):
            fetched = f"{len(report.fetched)} of {len(wanted)} partition(s) were fetched before"
            return [DeadlinePassed(f"{late.what}; {fetched}", dataset_id=self._dataset.id, request=late.request)]
        if errors and (spared := len(wanted) - len(report.fetched) - len(errors)) > 0:
            report.warnings.append(
                f"{spared} further partition(s) were not asked for: the first {len(errors)} break the same contract"
            )
        return errors

    def _requests(self, wanted: Sequence[Stale]) -> list[tuple[Stale, ...]]:
        """Return what to ask for in one request each."""
        if isinstance(self._client, SpanPortal) and self._desk.has_columns:
            return requests_of(self._dataset, wanted, self._desk.shown)
        return [(each,) for each in wanted]

    def _ask(
        self, requests: Sequence[tuple[Stale, ...]], progress: Progress, called_off: CallOff
    ) -> dict[str, SourceError]:
        """Send requests side by side, and return the faults by partition."""

        def answer(request: tuple[Stale, ...], on_bytes: Callable[[int], None]) -> None:
            if len(request) > 1:
                self._fetch_together(request, progress, on_bytes)
            else:
                self._fetch(request[0], progress, on_bytes)

        outcomes = run_side_by_side(
            requests,
            answer,
            limit=self._ctx.settings.connections,
            progress=_Bytes(progress),
            called_off=called_off,
            on_cancel=self._client.cancel,
        )
        kept = {each.partition for each in self._report.fetched}
        return {
            each.partition: outcome.error
            for outcome in outcomes
            if isinstance(outcome, Failed)
            for each in outcome.task
            if each.partition not in kept
        }

    def _fetch_together(self, request: Sequence[Stale], progress: Progress, on_bytes: Callable[[int], None]) -> None:
        """Fetch several partitions in one request, in a thread; note those that are to be asked for alone.

        Raises:
            QuotaExceeded: it is used up; what came before is kept.
            DeadlinePassed: the time is up; what came before is kept.
        """
        drafts = {each.partition: temporary_path(self._ctx.paths, ".csv.zst") for each in request}
        fetched_at = self._ctx.now().astimezone(UTC)
        left: list[Stale] = []
        try:
            arrived = self._together(drafts, on_bytes)
            if arrived.fault is not None:
                _log.warning("%s: %s; what is not whole is asked for alone", self._dataset.id, arrived.fault.what)
            ends = arrived.fault if isinstance(arrived.fault, _SPENT) else None
            for each in request:
                on_bytes(0)  # ends here when the work is called off
                try:
                    self._take(each, arrived.downloads, fetched_at)
                except SourceError as error:
                    _log.info("%s: %s did not come together with others: %s", self._dataset.id, each.partition, error)
                    left.append(each)
                    ends = error if ends is None and isinstance(error, _SPENT) else ends
                else:
                    progress.done(self._label(each), None)
        finally:
            for draft in drafts.values():
                draft.unlink(missing_ok=True)
        if ends is not None and left:
            for each in left:
                progress.done(self._label(each), ends)
            raise ends
        with self._remembering:
            self._left |= {each.partition for each in left}
        if arrived.strays and not left:
            self._report.warn(
                f"{arrived.strays} row(s) came with {request[0].partition} … {request[-1].partition} that lie outside; "
                "they are not loaded"
            )

    def _together(self, drafts: Mapping[str, Path], on_bytes: Callable[[int], None]) -> Together:
        """Return what one request brings of several partitions; nothing is asked when that is hopeless."""
        if not isinstance(self._client, SpanPortal) or self._is_hopeless(self._refused_together):
            return Together({})
        try:
            with contained(self._dataset, f"fetching {min(drafts)} … {max(drafts)}"):
                return self._client.fetch_together(self._dataset, drafts, on_bytes)
        except SourceError as error:
            return Together({}, fault=error)

    def _take(self, each: Stale, downloads: Mapping[str, Download], fetched_at: datetime) -> None:
        """Examine and keep a partition that came together with others.

        Raises:
            SourceError: it did not come, or is not what was announced.
        """
        partition = each.partition
        if partition not in downloads or self._is_hopeless(self._refused_together):
            raise IncompleteExport(f"no row of {partition} came.", dataset_id=self._dataset.id)
        with contained(self._dataset, f"fetching {partition}"):
            try:
                arrival = self._desk.examine(partition, downloads[partition])
            except ContractViolation as error:
                with self._remembering:
                    self._refused_together[error.column] += 1
                raise
            vintage, is_new = self._keep(partition, downloads[partition], arrival, fetched_at, is_cut=True)
        self._note(each, vintage, is_new=is_new)

    def _fetch(self, each: Stale, progress: Progress, on_bytes: Callable[[int], None]) -> None:
        """Fetch one partition, in a thread, and remember what arrived."""
        try:
            if not self._is_hopeless(self._refused):
                vintage, is_new = self._fetched(each.partition, on_bytes)
                self._note(each, vintage, is_new=is_new)
        except SourceError as error:
            progress.done(self._label(each), error)
            raise
        progress.done(self._label(each), None)

    def _label(self, each: Stale) -> str:
        return f"{self._dataset.id} {each.partition}"

    def _note(self, each: Stale, vintage: Vintage, *, is_new: bool) -> None:
        """Remember a partition that has arrived."""
        with self._remembering:
            shown = self._desk.shown[each.partition].text
            self._report.fetched.append(each)
            self._report.rows += vintage.rows
            self._memory.lake[each.partition] = self._memory.portal[each.partition] = shown
            if is_new:
                self._memory.vintages[each.partition] = vintage.name
                self._report.changed.append(each.partition)
            if len(self._report.fetched) % CHECKPOINT_EVERY == 0:
                save_memory(self._ctx.paths, self._dataset, self._memory)

    def _is_hopeless(self, refused: Counter[str | None]) -> bool:
        """Return whether the contract, not a partition, is at fault: the first arrivals all break it alike."""
        return not self._report.fetched and max(refused.values(), default=0) >= HOPELESS_AFTER

    def _fetched(self, partition: str, on_bytes: Callable[[int], None]) -> tuple[Vintage, bool]:
        """Download, verify and keep one partition; return what arrived, and whether its content is new."""
        with contained(self._dataset, f"fetching {partition}"):
            draft = temporary_path(self._ctx.paths, ".csv.zst")
            fetched_at = self._ctx.now().astimezone(UTC)
            try:
                download, arrival = self._desk.receive(partition, draft, on_bytes)
                return self._keep(partition, download, arrival, fetched_at)
            except ContractViolation as error:
                with self._remembering:
                    self._refused[error.column] += 1
                raise
            finally:
                draft.unlink(missing_ok=True)

    def _keep(
        self, partition: str, download: Download, arrival: Arrival, fetched_at: datetime, *, is_cut: bool = False
    ) -> tuple[Vintage, bool]:
        """Keep one partition; return what arrived, and whether its content is new."""
        vintage = Vintage(
            dataset_id=self._dataset.id,
            partition=partition,
            url=download.url,
            parameters=download.parameters,
            fetched_at=fetched_at.isoformat(),
            portal_version=self._desk.version(partition),
            sha256=download.sha256,
            bytes=download.bytes,
            rows=arrival.facts.rows,
            fingerprint=self._desk.shown[partition].text,
            licence=self._dataset.licence,
            synthetic=self._desk.synthetic,
            is_cut=is_cut,
        )
        is_new = self._ctx.raw.keep(download.path, vintage, stamped=self._dataset.stamped_by is not None)
        if is_new:
            self._desk.keep_typed(partition, vintage, arrival)
        return vintage, is_new


class _Bytes(SilentProgress):
    """Shows the bytes of requests: a request may bring many partitions, which are counted when they are kept."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown

    def received(self, count: int) -> None:
        """Count bytes."""
        self._shown.received(count)
