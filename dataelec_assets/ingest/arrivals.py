"""Whether a download is what the portal announces and the catalogue promises, before it is kept.

Longer than 300 lines because an arrival and all that it is compared with are here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import Database
from dataelec_assets.errors import ContentMismatch, ContractViolation, IncompleteExport, LakeError, ShrunkArrival
from dataelec_assets.ingest.observe import PortalView
from dataelec_assets.ingest.proof import (
    Disagreement,
    can_be_proved,
    differing,
    disagreements,
    doubled_by,
    doubled_otherwise,
    figures_of,
)
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.ingest.revisions import raw_file
from dataelec_assets.lake.arrow_reading import Facts, TypedRows, read_rows
from dataelec_assets.lake.dates import last_day
from dataelec_assets.lake.file_formats import RawFile, inspect, resolve_header, unknown_headers
from dataelec_assets.lake.parquet import ParquetLake, TypedFile
from dataelec_assets.lake.raw import Content, Vintage
from dataelec_assets.lake.reading import load, take
from dataelec_assets.portals.client import Download, PortalClient
from dataelec_assets.portals.fingerprints import Fingerprint
from dataelec_assets.portals.partition_filters import UNDATED, partition_of
from dataelec_assets.run_context import RunContext

if TYPE_CHECKING:
    import duckdb

# Below this share of the partition's last row count an arrival is refused: a publisher's accident, not a revision.
# The reference asks for ±25 % on raw arrivals (datasets.md, section 17).
SMALLEST_SHARE = 0.75

# Figures that differ are listed up to this number: the count, the last instant and the main measures come first.
FIGURES_SHOWN = 3

# Arrivals that are parsed at the same time, whatever the number of sources: as many as one source had alone, so that
# memory stays what it was.
_parsing = BoundedSemaphore(4)


# Of the rows of an arrival, where DuckDB has them.
TABLE = "arrival"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The content of a download.

    Attributes:
        facts: of its rows.
        cursor: opens DuckDB; where the rows are not in Arrow, it gives the cursor that owns them as a table.
        typed: its rows in Arrow; None: DuckDB has read them.
    """

    facts: Facts
    cursor: Callable[[], duckdb.DuckDBPyConnection]
    typed: TypedRows | None = None

    def in_duckdb(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor that has the rows as ``TABLE``."""
        cursor = self.cursor()
        if self.typed is not None:
            take(cursor, self.typed.table, TABLE)
        return cursor

    def differing(self, dataset: Dataset, announced: Fingerprint) -> list[Disagreement]:
        """Return the figures that differ from those that the portal has announced."""
        if self.typed is None:
            return disagreements(self.cursor(), dataset, TABLE, announced)
        return differing(dataset, figures_of(dataset, self.typed.table, announced), announced)

    def written(self, lake: ParquetLake, dataset: Dataset, content: str) -> TypedFile:
        """Write the rows as a copy has them.

        Raises:
            LakeError: they cannot be written.
        """
        if self.typed is None:
            return lake.keep_loaded(dataset, content, self.cursor(), TABLE, self.facts)
        return lake.keep_typed(dataset, content, self.typed)


class ArrivalDesk:
    """Receives the downloads of one source; several threads may bring them.

    Args:
        ctx: settings and folders.
        dataset: the source.
        client: of its portal.
        view: what the portal showed; ``shown`` starts with it and follows what the portal answers meanwhile.
        report: takes the warnings.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.

    Attributes:
        shown: fingerprint of each partition as the portal showed it last: a fetch may learn more than the survey did.
    """

    def __init__(
        self,
        ctx: RunContext,
        dataset: Dataset,
        client: PortalClient,
        view: PortalView,
        *,
        report: SourceReport,
        accept_shrink: bool,
    ) -> None:
        self.shown: dict[str, Fingerprint] = dict(view.partitions)
        self._ctx = ctx
        self._dataset = dataset
        self._client = client
        self._view = view
        self._report = report
        self._accept_shrink = accept_shrink
        self._database = Database(spill=ctx.paths.temporary)

    def receive(self, partition: str, draft: Path, on_bytes: Callable[[int], None]) -> tuple[Download, Arrival]:
        """Download a partition until it is what the portal announces, twice at most; return it and its content.

        Args:
            partition: its key.
            draft: file to write.
            on_bytes: see :meth:`PortalClient.fetch`.

        Raises:
            ContentMismatch: it is not, both times; the message has both figures.
            ShrunkArrival: it has lost too many rows.
            SourceError: the arrival is not what the catalogue and the request promise.
        """
        wrong: list[Disagreement] = []
        for _ in range(2):
            download = self._client.fetch(self._dataset, partition, draft, on_bytes)
            arrival = self._load(download.path, partition)
            wrong = self._disagreements(arrival, partition)
            if not wrong:
                self._check_size(arrival, partition)
                return download, arrival
        raise self._mismatch(wrong, partition, download, ", asked twice")

    def examine(self, partition: str, download: Download) -> Arrival:
        """Return the content of a partition that came together with others, if it is what the portal announces.

        Nothing is asked again: a partition that fails is asked for alone, which does.

        Raises:
            SourceError: as :meth:`receive`.
        """
        arrival = self._load(download.path, partition)
        if wrong := self._disagreements(arrival, partition, ask_again=False):
            raise self._mismatch(wrong, partition, download)
        self._check_size(arrival, partition)
        return arrival

    def _mismatch(
        self, wrong: list[Disagreement], partition: str, download: Download, how: str = ""
    ) -> ContentMismatch:
        return ContentMismatch(
            f"the export of {partition} is not what the portal announces{how}: "
            f"{'; '.join(str(each) for each in wrong[:FIGURES_SHOWN])}.",
            dataset_id=self._dataset.id,
            request=download.url,
        )

    def keep_typed(self, partition: str, vintage: Vintage, arrival: Arrival) -> None:
        """Write the typed rows of a vintage that is kept, so that its copy need not read it again.

        What cannot be written is made when the copy is, which then tells why.
        """
        content = Content.of(vintage, self._dataset).text
        with suppress(LakeError):
            self._report.typed[partition] = arrival.written(self._ctx.parquet, self._dataset, content)

    @property
    def has_columns(self) -> bool:
        """Whether the portal declares the columns of the contract; true where it declares none."""
        declared = tuple(each.name for each in self._view.metadata.fields)
        try:
            return not declared or bool(resolve_header(self._dataset, RawFile(Path(), "csv", header=declared)))
        except ContractViolation:
            return False

    @property
    def synthetic(self) -> bool:
        """Whether the portal marks its data as invented."""
        return self._view.metadata.synthetic

    def version(self, partition: str) -> str:
        """Return when a partition was published (ISO, UTC)."""
        return self._view.versions.get(partition, self._view.version)

    def _disagreements(self, arrival: Arrival, partition: str, *, ask_again: bool = True) -> list[Disagreement]:
        """Return the figures of an arrival that differ from those of the portal.

        Args:
            arrival: the content.
            partition: its key.
            ask_again: whether the portal is asked for its figures once more on a difference.

        Raises:
            SourceError: of a portal that sums nothing up, its own proof of completeness fails.
        """
        dataset = self._dataset
        if not can_be_proved(dataset, self.shown[partition]):
            self._client.verify(dataset, partition, arrival.facts.rows)
            return []
        wrong = arrival.differing(dataset, self.shown[partition])
        if wrong and ask_again:
            # The portal may have processed the set since it was asked.
            self.shown[partition] = self._client.survey_partition(dataset, partition, self._view.metadata)
            wrong = arrival.differing(dataset, self.shown[partition])
        if not wrong and can_be_proved(dataset, self.shown[partition]):
            wrong = self._doubled(arrival, partition)
        return wrong

    def _doubled(self, arrival: Arrival, partition: str) -> list[Disagreement]:
        """Return how an arrival with rows of one key twice differs from the portal, which may have them twice too."""
        if arrival.typed is not None and not arrival.typed.is_doubled:
            return []
        fields = {each.name for each in self._view.metadata.fields}
        cursor = arrival.in_duckdb()
        columns = doubled_by(cursor, self._dataset, TABLE, fields)
        announced = self._client.rows_by(self._dataset, partition, columns) if columns else None
        if announced is None:
            return []
        differing = doubled_otherwise(cursor, columns, TABLE, announced)
        return [differing] if differing is not None else []

    def _load(self, path: Path, partition: str) -> Arrival:
        """Parse the whole arrival by contract.

        Raises:
            SourceError: the arrival is not what the catalogue and the request promise.
        """
        stamp = self.version(partition) if self._dataset.stamped_by else None
        raw = replace(inspect(self._dataset.id, path), stamp=stamp)
        last = last_day(self._dataset, self._ctx.now())
        with _parsing:
            if (typed := read_rows(self._dataset, raw, last)) is not None:
                arrival = Arrival(typed.facts, self._database.cursor, typed)
            else:
                cursor = self._database.cursor()
                facts = load(cursor, self._dataset, raw, TABLE, order=False, last=last)
                arrival = Arrival(facts, lambda: cursor)
        facts = arrival.facts
        if facts.rows == 0:
            raise IncompleteExport(
                f"the export of {partition} is empty although the portal lists rows there.",
                dataset_id=self._dataset.id,
            )
        self._check_window(facts, partition)
        for name in unknown_headers(self._dataset, raw):
            self._report.warn(f"new column {name!r} is kept in raw and not loaded")
        for note in facts.notes:
            self._report.warn(note)
        return arrival

    def _check_size(self, arrival: Arrival, partition: str) -> None:
        """Compare an arrival, known to be whole, with the one before.

        Raises:
            ShrunkArrival: it has lost too many rows, and nobody said that this is meant.
        """
        is_stamped, rows = self._dataset.stamped_by is not None, arrival.facts.rows
        # A whole state is compared with the one before, also when that was of the day before.
        before = max(self._ctx.raw.partitions(self._dataset), default=partition) if is_stamped else partition
        newest = self._ctx.raw.newest(self._dataset.id, before)
        if newest is None or rows >= SMALLEST_SHARE * newest.rows or self._accept_shrink:
            return
        if self._dataset.keep_vanished and not is_stamped:
            return
        keys = self._keys(arrival, newest)
        if keys is not None and keys[1] >= SMALLEST_SHARE * keys[0]:
            # Rows that were published twice are published once: a repair.
            return
        distinct = f" ({keys[0]} to {keys[1]} distinct keys)" if keys is not None else ""
        raise ShrunkArrival(
            f"{partition} has shrunk from {newest.rows} to {rows} rows{distinct}.", dataset_id=self._dataset.id
        )

    def _keys(self, arrival: Arrival, newest: Vintage) -> tuple[int, int] | None:
        """Return the number of distinct keys of the vintage before and of the arrival; None without a key."""
        if not self._dataset.key:
            return None
        before, cursor = Content.of(newest, self._dataset), arrival.in_duckdb()
        load(cursor, self._dataset, raw_file(self._ctx, self._dataset, before), "before", order=False)
        key = ", ".join(self._dataset.key)
        counts = [
            cursor.execute(f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM {table})").fetchall()[0][0]
            for table in ("before", TABLE)
        ]
        return counts[0], counts[1]

    def _check_window(self, facts: Facts, partition: str) -> None:
        """Check that the portal has honoured the bounds of the request.

        Raises:
            ContractViolation: a row lies outside the partition.
        """
        column = self._dataset.partitioning.on
        if column is None or partition == UNDATED:
            return
        parse: dict[str, Callable[[str], datetime | date | int]] = {
            "datetime": datetime.fromisoformat,
            "date": date.fromisoformat,
            "int": int,
        }
        found = {
            partition_of(self._dataset, parse[self._dataset.column(column).type](bound))
            for bound in (facts.first, facts.last)
            if bound
        }
        if found != {partition}:
            raise ContractViolation(
                f"the export of {partition} holds rows from {facts.first} to {facts.last}.",
                dataset_id=self._dataset.id,
                column=column,
            )
