"""Days as publishers and people write them, read as SQL, and the span in which a day can lie at all.

A cast would read ``01/01/16`` as the first day of the year 1, and ``12/03/2016`` not at all. Each value shows its form
by itself: none of the three can be mistaken for another. Months before days are never read: no French publisher writes
them, and a file that does holds an impossible day sooner or later (``03/25/2016``), which stops the whole file.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dataelec_assets.catalog import Column, Dataset

# The accepted forms, as messages name them.
FORMS = "AAAA-MM-JJ, JJ/MM/AAAA or JJ/MM/AA"

_PARIS = ZoneInfo("Europe/Paris")

# A date that a program saved as an instant ends in midnight; another hour may belong to another day.
_MIDNIGHT = r"([T ]00:00(:00(\.0+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
_ISO = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}" + _MIDNIGHT
_FRENCH = r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}" + _MIDNIGHT
_SHORT = r"\d{1,2}/\d{1,2}/\d{2}"


def date_sql(text: str, since: date) -> str:
    """Return SQL of a text expression as DATE; NULL where it is not one.

    Args:
        text: SQL expression of type VARCHAR.
        since: first possible day: a year of two digits is the first such year from there on. That is unambiguous as
            long as the span is shorter than a century; a day after its end is refused, not moved.
    """
    plain = f"trim({text})"
    first = since.year
    century = f"{first} + (TRY_CAST(right({plain}, 2) AS INTEGER) - {first % 100} + 100) % 100"
    return (
        f"CASE WHEN regexp_full_match({plain}, '{_ISO}') "
        f"THEN TRY_CAST(regexp_extract(replace({plain}, '/', '-'), '^[0-9]+-[0-9]+-[0-9]+') AS DATE) "
        f"WHEN regexp_full_match({plain}, '{_FRENCH}') THEN CAST(try_strptime("
        f"regexp_extract(translate({plain}, '.-', '//'), '^[0-9]+/[0-9]+/[0-9]+'), '%d/%m/%Y') AS DATE) "
        f"WHEN regexp_full_match({plain}, '{_SHORT}') THEN CAST(try_strptime("
        f"left({plain}, length({plain}) - 2) || CAST({century} AS VARCHAR), '%d/%m/%Y') AS DATE) END"
    )


def first_day(dataset: Dataset, column: Column) -> date:
    """Return the first day that a column of a data set can hold."""
    return column.since or dataset.history_start


def last_day(dataset: Dataset, now: datetime) -> date:
    """Return the last possible day of a row: tomorrow in Paris, plus the horizon of the data set's forecasts."""
    return now.astimezone(_PARIS).date() + timedelta(days=1) + dataset.horizon


def bounded_columns(dataset: Dataset) -> tuple[Column, ...]:
    """Return the columns that hold a day, an instant or the year of a row; not the stamp, which no file has."""
    return tuple(
        column
        for column in dataset.columns
        if column.name != dataset.stamped_by
        and (column.type in ("date", "datetime") or (column.type == "int" and column.name == dataset.time_column))
    )


def outside_sql(dataset: Dataset, column: Column, last: date | None) -> str:
    """Return SQL that is true where a typed value of a column is impossible; without an end when ``last`` is None."""
    first = first_day(dataset, column)
    if column.type == "int":
        bounds = [str(first.year), None if last is None else str(last.year)]
    elif column.type == "date":
        bounds = [f"DATE '{first}'", None if last is None else f"DATE '{last}'"]
    else:
        bounds = [_instant(first), None if last is None else _instant(last + timedelta(days=1))]
    after = ">=" if column.type == "datetime" else ">"
    late = f" OR {column.name} {after} {bounds[1]}" if bounds[1] else ""
    return f"({column.name} < {bounds[0]}{late})"


def midnight(day: date) -> datetime:
    """Return the instant (UTC) with which a day begins in Paris."""
    return datetime.combine(day, time(), tzinfo=_PARIS).astimezone(UTC)


def _instant(day: date) -> str:
    """Return the midnight in Paris with which a day begins, as an SQL literal."""
    return f"TIMESTAMPTZ '{midnight(day).isoformat()}'"
