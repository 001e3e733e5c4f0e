"""A period is a value of its own: its first and last day, how many days it expects and how many are there.

What is no measure of a period (a definition, a date) is not this module's: see :mod:`.figures`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from dataelec_assets.serving.report.french import MONTHS, NBSP, day, month, number
from dataelec_assets.serving.report.reading import Row, Served, Unavailable


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a figure stands for.

    Attributes:
        start: first day.
        end: last day, included.
        expected: days that are needed for the figure to be whole.
        present: days that it was made from.
    """

    start: date
    end: date
    expected: int
    present: int

    @classmethod
    def one_day(cls, value: date) -> Period:
        """Return the period of a day that is there."""
        return cls(value, value, 1, 1)

    @classmethod
    def year(cls, value: int) -> Period:
        """Return a civil year that its publisher gives as a whole."""
        start, end = date(value, 1, 1), date(value, 12, 31)
        return cls(start, end, (end - start).days + 1, (end - start).days + 1)

    @classmethod
    def between(cls, start: date, end: date, present: int) -> Period:
        """Return the civil days from ``start`` to ``end``, of which some are there."""
        return cls(start, end, (end - start).days + 1, present)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Period:
        """Return the period of a row with ``debut``, ``fin``, ``jours_attendus`` and ``jours_presents``."""
        return cls(row["debut"], row["fin"], row["jours_attendus"], row["jours_presents"])

    @property
    def is_complete(self) -> bool:
        """Whether no day lacks."""
        return self.present >= self.expected

    @property
    def iso(self) -> str:
        """The first and the last day, as ``2026-04-23/2026-05-22``."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    @property
    def days(self) -> str:
        """``10 jours sur 30``."""
        return f"{number(self.present)}{NBSP}{'jour' if self.present < 2 else 'jours'} sur{NBSP}{number(self.expected)}"  # noqa: PLR2004

    @property
    def words(self) -> str:
        """The days in French, to follow a figure: ``en 2019``, ``en mai 2026``, ``du 23 avril au 22 mai 2026``."""
        start, end = self.start, self.end
        if start == end:
            return f"le {day(start)}"
        if start.day == 1 and (end + timedelta(days=1)).day == 1:
            if (start.month, end.month) == (1, 12):
                return f"en {start.year}" if start.year == end.year else f"de {start.year} à {end.year}"
            if (start.year, start.month) == (end.year, end.month):
                return f"en {month(start)}"
            return f"{_of(start, with_year=start.year != end.year)} à {month(end)}"
        first = day(start)
        if start.year == end.year:
            first = first.removesuffix(f"{NBSP}{start.year}")
            if start.month == end.month:
                first = first.removesuffix(f"{NBSP}{MONTHS[start.month - 1]}")
        return f"du {first} au {day(end)}"


def _of(value: date, *, with_year: bool) -> str:
    """Return ``de mai`` or ``d’avril 2026``."""
    name = MONTHS[value.month - 1]
    text = f"d’{name}" if name[0] in "ao" else f"de {name}"
    return f"{text}{NBSP}{value.year}" if with_year else text


def whole(periods: Iterable[Period]) -> Period:
    """Return the span of several periods, and its days: all of theirs, or those of the fullest where they overlap."""
    found = sorted(dict.fromkeys(periods), key=lambda each: (each.start, each.end))
    if len(found) == 1:
        return found[0]
    start, end = found[0].start, max(each.end for each in found)
    if any(later.start <= one.end for one, later in pairwise(found)):
        return Period.between(start, end, max(each.present for each in found))
    return Period(start, end, sum(each.expected for each in found), sum(each.present for each in found))


def alike(periods: Iterable[Period]) -> bool:
    """Return whether figures of these periods may be compared with one another: whole, and of the same length.

    Months differ by three days and years by one, which no reader takes for a difference of the measure.
    """
    found = list(periods)
    lengths = [each.expected for each in found]
    return all(each.is_complete for each in found) and (not lengths or max(lengths) - min(lengths) <= _MONTHS_APART)


# From February to a month of thirty-one days.
_MONTHS_APART = 3


def same_days(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows whose ``debut`` and ``fin`` are those of most of them, and the others.

    Places are compared over the same days only; estimates allow for days that lack, so their number may differ.
    """
    found = list(rows)
    if not found:
        return [], []
    ((common, _),) = Counter((row["debut"], row["fin"]) for row in found).most_common(1)
    return [r for r in found if (r["debut"], r["fin"]) == common], [
        r for r in found if (r["debut"], r["fin"]) != common
    ]


def periods_of(served: Served, measure: str, kind: str, code: str) -> dict[date, Period]:
    """Return the periods of a measure of a territory by their first day, in order.

    Args:
        served: the file.
        measure: as ``mart_periode`` names it.
        kind: mois, saison, annee, 30_jours or 365_jours.
        code: of the territory.

    Raises:
        Unavailable: there is none.
    """
    rows = served.rows(
        """
        select debut, fin, jours_attendus, jours_presents from mart_periode
        where mesure = ? and type_periode = ? and code_territoire = ? order by debut
        """,
        [measure, kind, code],
    )
    return {row["debut"]: Period.of(row) for row in rows}


def newest_whole(served: Served, measure: str, code: str) -> Period:
    """Return the newest whole year of a measure: a civil one, or the last 365 days.

    Raises:
        Unavailable: no year is whole; the message says how full the fullest is.
    """
    known = [each for kind in ("annee", "365_jours") for each in periods_of(served, measure, kind, code).values()]
    complete = [each for each in known if each.is_complete]
    if not complete:
        fullest = max(known, key=lambda each: (each.present / each.expected, each.end))
        raise Unavailable(f"Aucune année n’est entière : la plus remplie, {fullest.words}, a {fullest.days}.")
    # Of a civil year and the same 365 days, the year reads better.
    return max(complete, key=lambda each: (each.end, each.expected))
