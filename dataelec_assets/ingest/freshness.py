"""How old the newest *measured* value of a source is, against what its publisher does when all is well. Pure functions.

Real-time sets hold rows for tomorrow that carry a forecast and no measure: these do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from dataelec_assets.catalog import FAIL_AFTER, WARN_AFTER, Dataset


@dataclass(frozen=True, slots=True)
class Age:
    """Age of a source.

    Attributes:
        status: ``pass``, ``warn`` or ``fail``.
        age: time since the end of the newest measured value's day, or since its instant; None without any value.
        text: the verdict in a sentence.
    """

    status: Literal["pass", "warn", "fail"]
    age: timedelta | None
    text: str


def age_of(dataset: Dataset, last_measured: str | None, now: datetime) -> Age:
    """Judge the age of a source.

    Args:
        dataset: the catalogue entry, for its expected lag.
        last_measured: newest day, instant or year with a measure (ISO; an instant carries its offset; a year, or a
            month, counts from its end), None without any.
        now: current instant, UTC.

    Returns:
        The verdict; a data set whose rows tell no time has no age and passes.
    """
    if dataset.time_column is None and dataset.partitioning.grain != "edition":
        return Age("pass", None, "its rows tell no time")
    if last_measured is None:
        return Age("pass" if dataset.withdrawn else "fail", None, "no measured value")
    age = max(now - _instant(last_measured), timedelta(0))
    if dataset.withdrawn:
        return Age("pass", age, f"newest measured value {describe_span(age)} old, no longer published")
    end = dataset.history_end
    if end is not None and _instant(last_measured) >= _instant(end.isoformat()):
        return Age("pass", age, f"newest measured value {describe_span(age)} old, the publisher stopped at {end}")
    lag = dataset.expected_lag
    status: Literal["pass", "warn", "fail"] = (
        "pass" if age <= WARN_AFTER * lag else "warn" if age <= FAIL_AFTER * lag else "fail"
    )
    return Age(status, age, f"newest measured value {describe_span(age)} old, {describe_span(lag)} expected")


def _instant(text: str) -> datetime:
    """Return the instant from which an age counts."""
    parts = text.split("-")
    if len(parts) == 1:
        return datetime(int(text) + 1, 1, 1, tzinfo=UTC)
    if len(parts) == 2:  # noqa: PLR2004 - year and month
        year, month = map(int, parts)
        return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    newest = datetime.fromisoformat(text)
    return newest if newest.tzinfo else newest.replace(tzinfo=UTC)


def describe_span(span: timedelta) -> str:
    """Return a time span with one unit: minutes below two hours, hours below two days, then days."""
    minutes = span.total_seconds() / 60
    if minutes < 2 * 60:
        return f"{minutes:.0f} min"
    hours = minutes / 60
    return f"{hours:.0f} h" if hours < 2 * 24 else f"{hours / 24:.0f} d"
