"""Where the forecasts read the warehouse: one territory at a time, and only those that have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataelec_assets.analysis.prevision.inputs import Territory, territory_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_READINGS = ("date", "heure_locale", "consommation_mw", "prevision_j1_mw")


@dataclass(frozen=True, slots=True)
class History:
    """The months of a territory.

    Attributes:
        grain: ``nation`` or ``region``.
        code: ``FR`` or the INSEE code of the region.
        digests: by month (``YYYY-MM``), a digest of everything from the first month to its end.
        last_read: newest month with a reading.
    """

    grain: str
    code: str
    digests: Mapping[str, str]
    last_read: str

    def key(self, month: np.datetime64 | str) -> str:
        """Return what identifies a month of the territory."""
        return f"{self.grain} {self.code} {month}"

    def owns(self, key: str) -> bool:
        """Return whether a key is one of this territory."""
        return key.startswith(f"{self.grain} {self.code} ")

    def is_told_by(self, stored: Mapping[str, str]) -> bool:
        """Return whether the months that are stored were made of what there is, and no reading is newer than they are.

        Args:
            stored: digest of each stored month of this territory, by key.
        """
        if not stored or self.key(self.last_read) > max(stored):
            return False
        return all(self.digests.get(key[-7:]) == digest for key, digest in stored.items())


class Source:
    """Tables of the warehouse, read by territory."""

    def __init__(
        self,
        months: DuckDBPyRelation,
        readings: DuckDBPyRelation,
        days: DuckDBPyRelation,
        revisions: DuckDBPyRelation,
        forecasts: DuckDBPyRelation | None = None,
    ) -> None:
        """Take the tables, without reading them.

        Args:
            months: ``int_prevision_mois``.
            readings: ``int_prevision_lectures``.
            days: ``int_prevision_jours``.
            revisions: ``int_prevision_revisions``.
            forecasts: ``int_prevision_meteo``; None when no weather forecast is needed.
        """
        self._months = months
        self._readings = readings
        self._days = days
        self._revisions = revisions
        self._forecasts = forecasts
        self._days_by_code: dict[tuple[np.datetime64 | None, np.datetime64 | None], dict[str, pa.Table]] = {}

    def histories(self) -> Iterator[History]:
        """Yield the months of each territory that has readings, the nation first."""
        rows = self._months.select("maille, code_territoire, mois, nombre_lectures, empreinte").order("ALL").fetchall()
        found: dict[tuple[str, str], tuple[dict[str, str], list[str]]] = {}
        for grain, code, month, number, mark in rows:
            digests, read = found.setdefault((grain, code), ({}, []))
            before = next(reversed(digests.values()), f"{grain} {code}")
            digests[month] = hashlib.sha256(f"{before} {month} {mark}".encode()).hexdigest()[:32]
            if number:
                read.append(month)
        for (grain, code), (digests, read) in found.items():
            if read:
                yield History(grain, code, digests, read[-1])

    def territory(
        self, history: History, since: np.datetime64 | None = None, until: np.datetime64 | None = None
    ) -> Territory | None:
        """Read a territory.

        Args:
            history: which one.
            since: first day to read; None for all.
            until: day after the last to read; None for all.
        """
        readings, revisions = (
            of_territory(each, history.code, since, until) for each in (self._readings, self._revisions)
        )
        return territory_of(
            history.grain,
            history.code,
            readings.select(", ".join(_READINGS)).to_arrow_table(),
            self._days_of(history.code, since, until),
            revisions=revisions.to_arrow_table(),
            forecasts=self._forecasts_by_code.get(history.code),
        )

    def _days_of(self, code: str, since: np.datetime64 | None, until: np.datetime64 | None) -> pa.Table | None:
        """Return the days of a territory: those of all are read at once, and no day that is not asked for."""
        if (since, until) not in self._days_by_code:
            self._days_by_code[since, until] = _by_code(_between(self._days, since, until))
        return self._days_by_code[since, until].get(code)

    @cached_property
    def _forecasts_by_code(self) -> dict[str, pa.Table]:
        return {} if self._forecasts is None else _by_code(self._forecasts)


def _by_code(table: DuckDBPyRelation) -> dict[str, pa.Table]:
    """Return the rows of each territory of a small view, which costs as much to read for one as for all."""
    rows = table.to_arrow_table()
    return {
        code: rows.filter(pc.equal(rows["code_territoire"], code))
        for code in pc.unique(rows["code_territoire"]).to_pylist()
    }


def of_territory(
    table: DuckDBPyRelation, code: str, since: np.datetime64 | None = None, until: np.datetime64 | None = None
) -> DuckDBPyRelation:
    """Return the rows of a territory, from a day on and before another if there are such."""
    quoted = code.replace("'", "''")
    return _between(table.filter(f"code_territoire = '{quoted}'"), since, until)


def _between(table: DuckDBPyRelation, since: np.datetime64 | None, until: np.datetime64 | None) -> DuckDBPyRelation:
    bounds = [f"date {sign} DATE '{day}'" for sign, day in ((">=", since), ("<", until)) if day is not None]
    return table.filter(" AND ".join(bounds)) if bounds else table
