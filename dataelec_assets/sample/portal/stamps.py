"""When a file was published, as far as its name tells.

``…_snapshot_20260327T0200Z``, ``…_snapshot_2023-01-30T0959-paris-time`` and ``…_vintage-2025-10…`` are states of a
whole data set; ``…_2017-10`` or ``…_2019`` is the part of one that covers a period; a file without stamp is the oldest.
A stamp that names a month or a year stands for its end: a file of October is complete when October is over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from dataelec_assets.errors import SettingsError

PARIS = ZoneInfo("Europe/Paris")

_UTC_MINUTE = re.compile(r"_snapshot_(\d{8}T\d{4})Z")
_PARIS_MINUTE = re.compile(r"_snapshot_(\d{4}-\d{2}-\d{2}T\d{4})-paris-time")
_VINTAGE = re.compile(r"_vintage-(\d{4})(?:-(\d{2}))?(?!\d)")
_PERIOD = re.compile(r"_(\d{4})(?:-(\d{2}))?$")

_OPTION_FORMATS = (
    "%Y-%m-%dT%H:%MZ",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y%m%dT%H%MZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M%z",
)


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
    def processed_at(self) -> datetime:
        """Instant (UTC) shown as ``data_processed``: the stamp, or the time of the file when it has none.

        The time of the file is what tells a client that a user's own undated file was replaced.
        """
        return self.at or datetime.fromtimestamp(int(self.path.stat().st_mtime), UTC)


def read_stamp(path: Path) -> SourceFile:
    """Return the file with the stamp that its name holds."""
    stem = path.name.split(".", 1)[0]
    if match := _UTC_MINUTE.search(stem):
        at = datetime.strptime(match[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
        return SourceFile(path, "snapshot", at)
    if match := _PARIS_MINUTE.search(stem):
        at = datetime.strptime(match[1], "%Y-%m-%dT%H%M").replace(tzinfo=PARIS).astimezone(UTC)
        return SourceFile(path, "snapshot", at)
    if (match := _VINTAGE.search(stem)) and (end := _end_of_period(match)):
        return SourceFile(path, "vintage", end)
    if (match := _PERIOD.search(stem)) and (end := _end_of_period(match)):
        return SourceFile(path, "part", end)
    return SourceFile(path, "undated", None)


def _end_of_period(match: re.Match[str]) -> datetime | None:
    year, month = int(match[1]), int(match[2] or 12)
    if not (1900 <= year < 2100 and 1 <= month <= 12):  # noqa: PLR2004 - a number that is no year and month
        return None
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def parse_vintage(text: str) -> datetime:
    """Return the instant (UTC) up to which files are visible.

    ``2026-03-29`` is the end of that UTC day, ``2025-10`` and ``2025`` the end of that month and year;
    ``2026-03-29T02:03Z``, ``20260329T0203Z`` and any ISO instant with an offset are themselves.

    Raises:
        SettingsError: ``text`` is none of these.
    """
    for form in _OPTION_FORMATS:
        try:
            at = datetime.strptime(text, form)  # noqa: DTZ007 - forms without %z end in Z, which is UTC
        except ValueError:
            continue
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except ValueError as error:
        raise _unusable(text) from error
    match = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", text)
    end = _end_of_period(match) if match else None
    if end is None:
        raise _unusable(text)
    return end


def _unusable(text: str) -> SettingsError:
    return SettingsError(
        f"vintage {text!r} is no date.", advice="Write 2026-03-29, 2026-03-29T02:03Z, 20260329T0203Z or 2025-10."
    )
