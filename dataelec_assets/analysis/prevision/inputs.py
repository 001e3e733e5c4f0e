"""Tables of the warehouse as grids: one row per civil day, one column per printed half-hour label."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

LABELS = 48

# Issued at 12:00 in Paris. A reading is taken as known 30 minutes after the end of its half-hour (éCO2mix real time
# is refreshed every quarter of an hour to an hour): the newest is that of 11:00.
ISSUE_HOUR = 12
MORNING_LABELS = 23

# Of the 48 labels of a day, 46 exist at the spring change; two more may be missing. Of the 23 of a morning, 21 exist
# then.
_FEWEST_OF_A_DAY, _FEWEST_OF_A_MORNING = 44, 20

# The days of a weather forecast: from the day before its issue, which is over, to a week ahead.
LEADS = range(-1, 8)

OPEN, SATURDAY, CLOSED = 0, 1, 2
DAY_TYPES = {"ouvré": OPEN, "samedi": SATURDAY, "dimanche": CLOSED, "férié": CLOSED}


@dataclass(frozen=True, slots=True)
class Revisions:
    """Values that were known before the publisher changed them, oldest change first.

    Attributes:
        days: row in the grid.
        labels: column in the grid.
        known_at: instant (ns since 1970, UTC) of the change.
        before: value that was known until then (MW).
    """

    days: Integers
    labels: Integers
    known_at: Integers
    before: Floats

    def between(self, start: int, end: int) -> Revisions:
        """Return the changes of the rows from ``start`` to the one before ``end``, which begin at 0."""
        inside = (self.days >= start) & (self.days < end)
        return Revisions(self.days[inside] - start, self.labels[inside], self.known_at[inside], self.before[inside])


_NOTHING = np.empty(0, dtype=np.int64)
NO_REVISIONS = Revisions(_NOTHING, _NOTHING, _NOTHING, np.empty(0))


@dataclass(frozen=True, slots=True)
class Territory:
    """One territory on a grid of civil days.

    Attributes:
        grain: ``nation`` or ``region``.
        code: ``FR`` or the INSEE code of the region.
        first: the day of the first row.
        load: consumption as known today (MW); missing readings are NaN.
        first_load: consumption as it was first known: what a forecast could read a few days later.
        rte: RTE's forecast of the day before (MW); NaN where there is none.
        temperatures: minimum, mean and maximum of the day (°C); NaN where not published.
        forecasts: by issue day and lead (``LEADS``), minimum, mean and maximum (°C) as the weather forecast said at its
            noon; NaN where none was read.
        weekday: 1 Monday to 7 Sunday.
        day_type: ``OPEN``, ``SATURDAY`` or ``CLOSED``.
        season: of each day, in French.
        kind: type of each day, in French.
        holiday: public holidays, 0 or 1.
        bridge: working days between two days off, 0 or 1.
        school: share of the inhabitants whose school zone is on holiday.
        revisions: changes of ``load``.
    """

    grain: str
    code: str
    first: np.datetime64
    load: Floats
    first_load: Floats
    rte: Floats
    temperatures: Floats
    forecasts: Floats
    weekday: Integers
    day_type: Integers
    season: NDArray[np.str_]
    kind: NDArray[np.str_]
    holiday: Floats
    bridge: Floats
    school: Floats
    revisions: Revisions

    @property
    def dates(self) -> NDArray[np.datetime64]:
        """The civil days of the grid."""
        return self.first + np.arange(len(self.load))

    def position(self, day: np.datetime64) -> int:
        """Return the row of a day; negative or beyond the end when it is outside the grid."""
        return int((day - self.first).astype("timedelta64[D]").astype(np.int64))

    def between(self, start: int, end: int) -> Territory:
        """Return the rows from ``start`` to the one before ``end``."""
        rows = slice(max(start, 0), end)
        cut = {name: getattr(self, name)[rows] for name in _GRIDS}
        changes = self.revisions.between(rows.start, rows.start + len(cut["load"]))
        return replace(self, **cut, first=self.dates[rows][0], revisions=changes)

    def load_known_at(self, day: np.datetime64) -> Floats:
        """Return the consumption as it was known at noon on ``day``."""
        noon = _noon(day)
        chosen = self.revisions.known_at > noon
        if not chosen.any():
            return self.load
        known = self.load.copy()
        # Oldest change last: it holds the value known before all of them.
        at = np.flatnonzero(chosen)[::-1]
        for day_at, label, value in zip(
            self.revisions.days[at], self.revisions.labels[at], self.revisions.before[at], strict=True
        ):
            known[day_at, label] = value
        return known


_GRIDS = tuple(each.name for each in fields(Territory) if each.name not in ("grain", "code", "first", "revisions"))


def _noon(day: np.datetime64) -> int:
    # 10:00 UTC is noon in summer and 11:00 in winter; the earlier one is safe in both.
    return int((day.astype("datetime64[ns]") + np.timedelta64(10, "h")).astype(np.int64))


def day_mean(load: Floats) -> Floats:
    """Return the mean power of each day; NaN where more than a few readings are missing."""
    return _mean_of_most(load, _FEWEST_OF_A_DAY)


def morning_mean(load: Floats) -> Floats:
    """Return the mean power of the labels of each day that are known at its noon."""
    return _mean_of_most(load[:, :MORNING_LABELS], _FEWEST_OF_A_MORNING)


def _mean_of_most(values: Floats, fewest: int) -> Floats:
    there = ~np.isnan(values)
    number = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.where(number >= fewest, total / np.maximum(number, 1), np.nan)


def territory_of(
    grain: str,
    code: str,
    readings: pa.Table,
    days: pa.Table | None,
    *,
    revisions: pa.Table,
    forecasts: pa.Table | None = None,
) -> Territory | None:
    """Return one territory on its grid; None when it has no reading.

    Args:
        grain: ``nation`` or ``region``.
        code: ``FR`` or the INSEE code of the region.
        readings: its rows of ``int_prevision_lectures``.
        days: its rows of ``int_prevision_jours``, without gaps; None or empty when it has none.
        revisions: its rows of ``int_prevision_revisions``.
        forecasts: its rows of ``int_prevision_meteo``; None when no weather forecast is needed.
    """
    if days is None or not days.num_rows or readings["consommation_mw"].null_count == readings.num_rows:
        return None
    days = days.sort_by("date")
    first, size = int(_days(days["date"])[0]), days.num_rows
    at = _days(readings["date"]) - first, _labels(readings["heure_locale"])
    load, rte = (_grid(size, at, _numbers(readings[name])) for name in ("consommation_mw", "prevision_j1_mw"))
    changes = _revisions(revisions, first, size)
    first_load = load.copy()
    for day, label, value in zip(changes.days[::-1], changes.labels[::-1], changes.before[::-1], strict=True):
        first_load[day, label] = value
    kind = np.array(days["type_jour"].to_pylist(), dtype=str)
    return Territory(
        grain=grain,
        code=code,
        first=np.datetime64(first, "D"),
        load=load,
        first_load=first_load,
        rte=rte,
        temperatures=_temperatures(days),
        forecasts=_forecasts(forecasts, first, size),
        weekday=_numbers(days["jour_de_semaine"]).astype(np.int64),
        day_type=np.array([DAY_TYPES[each] for each in kind], dtype=np.int64),
        season=np.array(days["saison"].to_pylist(), dtype=str),
        kind=kind,
        holiday=_numbers(days["est_ferie"]),
        bridge=_numbers(days["est_pont"]),
        # Unknown holidays (coming years that the ministry has not fixed) count as school days.
        school=np.nan_to_num(_numbers(days["part_vacances_scolaires"])),
        revisions=changes,
    )


def _temperatures(table: pa.Table) -> Floats:
    return np.column_stack([_numbers(table[f"temperature_{each}_c"]) for each in ("min", "moyenne", "max")])


def _forecasts(table: pa.Table | None, first: int, size: int) -> Floats:
    grid = np.full((size, len(LEADS), 3), np.nan)
    if table is not None and table.num_rows:
        issues = _days(table["emission"])
        rows, leads = issues - first, _days(table["date"]) - issues - LEADS[0]
        inside = (rows >= 0) & (rows < size) & (leads >= 0) & (leads < len(LEADS))
        grid[rows[inside], leads[inside]] = _temperatures(table)[inside]
    return grid


def _days(column: pa.ChunkedArray) -> Integers:
    return np.asarray(column.cast(pa.date32()).cast(pa.int32()).to_numpy()).astype(np.int64)


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _labels(column: pa.ChunkedArray) -> Integers:
    texts = column.combine_chunks().dictionary_encode()
    numbers = [2 * int(each[:2]) + int(each[3:] == "30") for each in texts.dictionary.to_pylist()]
    return np.asarray(np.array(numbers, dtype=np.int64)[texts.indices.to_numpy()])


def _grid(size: int, at: tuple[Integers, Integers], values: Floats) -> Floats:
    grid = np.full((size, LABELS), np.nan)
    rows, labels = at
    inside = (rows >= 0) & (rows < size)
    grid[rows[inside], labels[inside]] = values[inside]
    return grid


def _revisions(table: pa.Table, first: int, size: int) -> Revisions:
    if not table.num_rows:
        return NO_REVISIONS
    table = table.sort_by([("connue_a", "ascending"), ("date", "ascending"), ("heure_locale", "ascending")])
    rows, labels = _days(table["date"]) - first, _labels(table["heure_locale"])
    instants = np.asarray(table["connue_a"].cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy())
    inside = (rows >= 0) & (rows < size)
    return Revisions(rows[inside], labels[inside], instants[inside], _numbers(table["consommation_mw"])[inside])
