"""How far off forecasts were, month by month: sums that add up to every score, and the half-widths of the intervals.

A month is computed again when something up to its end has changed, or when the back-test begins later than it did and
leaves the intervals of the month with fewer errors. Scores (:mod:`.scores`) and forecasts to show (:mod:`.rows`) are
made from these rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.conformal import DAYS_OF_ERRORS
from dataelec_assets.analysis.prevision.errors import Errors
from dataelec_assets.analysis.prevision.forecasts import STEPS, Forecasts
from dataelec_assets.analysis.prevision.source import History, Source, of_territory

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

# The seasonal naive of a week ahead looks two weeks back.
_LAGS_OF_REFERENCES = 14

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("cle", "maille", "code_territoire", "mois", "saison")),
        *((name, pa.string()) for name in ("pas", "modele", "meteo")),
        ("horizon_jours", pa.int32()),
        ("nombre_jours", pa.list_(pa.int32())),
        *((name, pa.list_(pa.date32())) for name in ("premiers_jours", "derniers_jours")),
        ("comptes", pa.list_(pa.int32())),
        ("sommes", pa.list_(pa.float64())),
        ("comptes_heures", pa.list_(pa.int32())),
        ("sommes_heures", pa.list_(pa.float64())),
        ("ecarts_rte", pa.list_(pa.float64())),
        ("somme_rte", pa.float64()),
        ("nombre_rte", pa.int32()),
        ("demi_largeurs", pa.list_(pa.float64())),
        ("empreinte", pa.string()),
    ]
)

Day = np.datetime64


@dataclass(frozen=True, slots=True)
class Span:
    """First and last target day of the back-test of a territory."""

    first: Day
    last: Day

    def digests(self, history: History) -> dict[str, str]:
        """Return, by month, a digest of all that its sums depend on."""
        months = np.arange(self.first.astype("datetime64[M]"), self.last.astype("datetime64[M]") + 1)
        found = {}
        for month in months:
            ends = max(self.first, _oldest_error(month)), min(self.last, (month + 1).astype("datetime64[D]"))
            mark = f"{history.digests[str(month)]} {ends[0]} {ends[1]}"
            found[str(month)] = hashlib.sha256(mark.encode()).hexdigest()[:32]
        return found


def spans_of(forecasts: DuckDBPyRelation) -> dict[str, Span]:
    """Return the span of each territory of ``int_prevision_retrotest``, by code."""
    ends = forecasts.aggregate("code_territoire, min(date), max(date)", "code_territoire").fetchall()
    return {code: Span(np.datetime64(first, "D"), np.datetime64(last, "D")) for code, first, last in ends}


def marks_of(sums: DuckDBPyRelation) -> dict[str, str]:
    """Return a digest of the months of each territory of ``int_prevision_sommes``, by code."""
    rows = sums.aggregate("code_territoire, cle, min(empreinte)", "code_territoire, cle").order("ALL").fetchall()
    found: dict[str, str] = {}
    for code, key, mark in rows:
        found[code] = hashlib.sha256(f"{found.get(code, '')} {key} {mark}".encode()).hexdigest()[:32]
    return found


def _oldest_error(month: np.datetime64) -> Day:
    return np.datetime64(month.astype("datetime64[D]") - DAYS_OF_ERRORS - HORIZONS[-1])


def sums(source: Source, stored: DuckDBPyRelation, done: Mapping[str, str] | None = None) -> pa.Table:
    """Return the sums of the months to compute.

    Args:
        source: tables of the warehouse.
        stored: ``int_prevision_retrotest``.
        done: digest of each month that has been computed, by its key. Months with the same digest are left out; months
            no longer needed come back as one row without a step.

    Returns:
        One row per territory, month, step, model, weather and horizon. ``nombre_jours``, ``premiers_jours`` and
        ``derniers_jours`` are by kind of day; ``comptes`` and ``sommes`` (MW) by kind, then measure, in the order of
        :mod:`.errors`; ``_heures`` the same by hour, of half-hours only. ``ecarts_rte`` holds the mean difference to
        RTE's error of each day that has both (MW). ``demi_largeurs`` (MW) are by level, then label or type of day, of
        the ridge only.
    """
    done = done or {}
    spans = spans_of(stored)
    tables: list[pa.Table] = []
    wanted: set[str] = set()
    for history in source.histories():
        span = spans.get(history.code)
        if span is None:
            continue
        digests = span.digests(history)
        wanted |= {history.key(each) for each in digests}
        todo = [each for each, digest in digests.items() if done.get(history.key(each)) != digest]
        if todo:
            months = [np.datetime64(each, "M") for each in todo]
            since = max(span.first, _oldest_error(months[0]))
            territory = source.territory(history, since - _LAGS_OF_REFERENCES)
            if territory is not None:
                own = of_territory(stored, history.code, since)
                own = own.select("date, horizon_jours, meteo, prevision_mw")
                tables += _of_territory(Forecasts(territory, own.to_arrow_table()), history, span, digests, todo)
    gone = sorted(done.keys() - wanted)
    tables.append(pa.Table.from_pylist([{"cle": each} for each in gone], schema=SCHEMA))
    return pa.concat_tables(tables).combine_chunks()


def _of_territory(
    forecasts: Forecasts, history: History, span: Span, digests: Mapping[str, str], months: Sequence[str]
) -> Iterator[pa.Table]:
    territory = forecasts.territory
    ends = [(np.datetime64(each, "M") + after).astype("datetime64[D]") for each in months for after in (0, 1)]
    starts = [territory.position(each) for each in ends[::2]]
    begins = [max(each, territory.position(span.first)) for each in starts]
    lasts = [min(territory.position(each), territory.position(span.last) + 1) for each in ends[1::2]]
    for step in STEPS:
        errors = Errors(forecasts, step)
        found = [
            errors.month(slice(begin, end), errors.half_widths(start))
            for start, begin, end in zip(starts, begins, lasts, strict=True)
        ]
        size, series = len(months) * len(errors.names), len(errors.names)
        columns = errors.columns(found) | {
            "cle": pa.array(np.repeat([history.key(each) for each in months], series)),
            "maille": pa.repeat(history.grain, size),
            "code_territoire": pa.repeat(history.code, size),
            "mois": pa.array(np.repeat(months, series)),
            "saison": pa.array(np.repeat([str(territory.season[each]) for each in begins], series)),
            "pas": pa.repeat(step, size),
            "empreinte": pa.array(np.repeat([digests[each] for each in months], series)),
        }
        table = pa.table([columns.get(each.name, pa.nulls(size, each.type)) for each in SCHEMA], schema=SCHEMA)
        kept = np.concatenate([each.kept for each in found])
        yield table if kept.all() else table.filter(pa.array(kept))
