"""The option that names an instant: which files are visible."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.folder.stamps import end_of_period

_OPTION_FORMATS = (
    "%Y-%m-%dT%H:%MZ",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y%m%dT%H%MZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M%z",
)


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
    end = end_of_period(match) if match else None
    if end is None:
        raise _unusable(text)
    return end


def _unusable(text: str) -> SettingsError:
    return SettingsError(
        f"vintage {text!r} is no date.", advice="Write 2026-03-29, 2026-03-29T02:03Z, 20260329T0203Z or 2025-10."
    )
