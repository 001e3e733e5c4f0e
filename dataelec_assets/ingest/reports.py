"""What became of one source in a refresh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from dataelec_assets.errors import DataElecError, DatasetAbsent
from dataelec_assets.ingest.plan import Stale

if TYPE_CHECKING:
    from dataelec_assets.lake.parquet import TypedFile

Outcome = Literal[
    "no key",
    "non-commercial",
    "standby",
    "local",
    "not asked for",
    "unchanged",
    "checked",
    "refreshed",
    "absent",
    "failed",
]


@dataclass(slots=True)
class SourceReport:
    """What a refresh did for one source: observing begins it, fetching and copying complete it.

    Attributes:
        dataset_id: the source.
        outcome: ``unchanged`` (same portal version: one call), ``checked`` (the version moved, the content did not),
            ``refreshed``, ``absent`` (the portal does not have it), ``failed``; ``no key``: its portal needs one, the
            settings have none, so it was not asked, which is not a fault; nor are ``non-commercial``, ``standby`` of a
            source that stands in for one that is not away, and ``local``, which has no portal, and ``not asked for``.
        fetched: partitions downloaded, with the reason.
        changed: those whose content was new.
        rows: rows downloaded.
        warnings: what did not stop the source but should be known (new columns, vanished partitions).
        error: the message of the first fault, when ``failed`` or ``absent``.
        fault: name of its class.
        version: the portal's version that was seen.
        not_loaded: rows that the portal shows and that cannot be loaded, because nothing reliable gives their day.
        missing: editions that are not at their addresses.
        typed: the newest vintage of partitions that have changed, as typed on arrival, for the copies to be made.
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
    missing: list[str] = field(default_factory=list)
    typed: dict[str, TypedFile] = field(default_factory=dict, repr=False)

    def failed(self, error: DataElecError) -> None:
        """Note a fault; the message of the first one stays."""
        is_absent = isinstance(error, DatasetAbsent) and self.outcome != "failed"
        self.outcome = "absent" if is_absent else "failed"
        if self.error is None:
            self.error, self.fault = str(error), type(error).__name__

    def warn(self, message: str) -> None:
        """Note something that did not stop the source; the same message once."""
        if message not in self.warnings:
            self.warnings.append(message)

    def include(self, earlier: SourceReport) -> None:
        """Add what was fetched of earlier states of the same source, each partition once."""
        fetched = {each.partition: each for each in (*earlier.fetched, *self.fetched)}
        self.fetched = sorted(fetched.values(), key=lambda each: each.partition)
        self.changed = sorted({*earlier.changed, *self.changed})
        self.rows += earlier.rows
        self.typed = {**earlier.typed, **self.typed}
        for message in earlier.warnings:
            self.warn(message)
        if self.changed and self.outcome in ("unchanged", "checked"):
            self.outcome = "refreshed"
        if earlier.error is not None and self.error is None:
            self.outcome, self.error, self.fault = earlier.outcome, earlier.error, earlier.fault
