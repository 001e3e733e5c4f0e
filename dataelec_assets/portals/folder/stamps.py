"""When a file was published, as far as its name tells.

``…_snapshot_20260327T0200Z``, ``…_snapshot_2023-01-30T0959-paris-time`` and ``…_vintage-2025-10…`` are states of a
whole data set; ``…_2017-10`` or ``…_2019`` is the part of one that covers a period; a file without stamp is the oldest.
A stamp that names a month or a year stands for its end: a file of October is complete when October is over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from dataelec_assets.catalog import Dataset

PARIS = ZoneInfo("Europe/Paris")

_MINUTES: tuple[tuple[re.Pattern[str], str, tzinfo], ...] = (
    (re.compile(r"_snapshot_(\d{8}T\d{4})Z"), "%Y%m%dT%H%M", UTC),
    (re.compile(r"_snapshot_(\d{4}-\d{2}-\d{2}T\d{4})-paris-time"), "%Y-%m-%dT%H%M", PARIS),
)
_VINTAGE = re.compile(r"_vintage-(\d{4})(?:-(\d{2}))?(?!\d)")
_PERIOD = re.compile(r"_(\d{4})(?:-(\d{2}))?$")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a data set.

    Attributes:
        path: the file.
        kind: ``snapshot`` or ``vintage`` for a whole state, ``part`` for a period, ``undated`` without stamp.
        at: instant (UTC) from which it is published; None when undated.
    """

    path: Path
    kind: Literal["snapshot", "vintage", "part", "undated"]
    at: datetime | None

    @property
    def order(self) -> tuple[datetime, str]:
        """Sort key: by instant, undated first, then by name so that the order is total."""
        return (self.at or datetime.min.replace(tzinfo=UTC), self.path.name)

    @property
    def is_of_rte(self) -> bool:
        """Whether it is one of the files that RTE publishes beside the portal: ``.xls``, alone or zipped."""
        return self.path.suffix in (".xls", ".zip")

    @property
    def processed_at(self) -> datetime:
        """Instant (UTC) shown as ``data_processed``: the stamp, or the time of the file when it has none.

        The time of the file is what tells a client that a user's own undated file was replaced.
        """
        return self.at or datetime.fromtimestamp(int(self.path.stat().st_mtime), UTC)


def read_stamp(path: Path) -> SourceFile:
    """Return the file with the stamp that its name holds."""
    stem = path.name.split(".", 1)[0]
    for pattern, form, zone in _MINUTES:
        if (match := pattern.search(stem)) and (at := _instant(match[1], form, zone)):
            return SourceFile(path, "snapshot", at)
    if (match := _VINTAGE.search(stem)) and (end := end_of_period(match)):
        return SourceFile(path, "vintage", end)
    if (match := _PERIOD.search(stem)) and (end := end_of_period(match)):
        return SourceFile(path, "part", end)
    return SourceFile(path, "undated", None)


def _instant(text: str, form: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:  # digits that are not a day or a minute
        return None


def end_of_period(match: re.Match[str]) -> datetime | None:
    """Return the instant (UTC) at which a year or a month is over; None when the digits are neither."""
    year, month = int(match[1]), int(match[2] or 12)
    if not (1900 <= year < 2100 and 1 <= month <= 12):  # noqa: PLR2004 - not a year and a month
        return None
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def visible_files(files: Sequence[SourceFile], at: datetime | None, dataset: Dataset) -> tuple[SourceFile, ...]:
    """Return the files that make the state at instant ``at`` (None: the newest), oldest first.

    A whole state (vintage or snapshot, in one file or several of the same stamp) replaces all that was before it; parts
    of a history add up. A data set that shows its present state only is what its newest stamp holds. Where rows that
    have left the portal are kept, every file counts, row by row the newest one.
    """
    shown = [file for file in files if file.at is None or at is None or file.at <= at]
    if dataset.stamped_by is not None:
        return tuple(file for file in shown if file.at == shown[-1].at)
    whole = [file.at for file in shown if file.at is not None and file.kind in ("snapshot", "vintage")]
    if not whole or (dataset.keep_vanished and dataset.key):
        return tuple(shown)
    newest = max(whole)
    return tuple(
        file
        for file in shown
        if file.at is not None and (file.at > newest or (file.at == newest and file.kind in ("snapshot", "vintage")))
    )
