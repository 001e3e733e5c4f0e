"""How good forecasts were: every score is a mean over the readings that the forecast and its reference share."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataelec_assets.analysis.prevision.baselines import NAIVE, PERSISTENCE
from dataelec_assets.analysis.prevision.days import Days
from dataelec_assets.analysis.prevision.errors import COUNTS, HOURS, KINDS, SUMS
from dataelec_assets.analysis.prevision.forecasts import STEPS, Forecasts
from dataelec_assets.analysis.prevision.inputs import Floats, Integers
from dataelec_assets.analysis.prevision.source import History, Source, of_territory
from dataelec_assets.analysis.prevision.sums import Span, marks_of, spans_of
from dataelec_assets.analysis.student import two_sided

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

WHOLE, YEAR, SEASON, HOUR, KIND = "ensemble", "annee", "saison", "heure", "type_jour"

# Errors within a week are alike, so Newey and West's kernel spans one. Fewer than eight times as many days give no test
# (a rule of thumb: the kernel must be short compared with the series).
_LAGS, _FEWEST_DAYS = 7, 56

_MEASURES = ("mae_mw", "mape_pct", "biais_mw", "rmse_mw", "mase", "pinball_mw")
_COVERAGES = ("couverture_90_pct", "couverture_50_pct", "largeur_90_mw")
_GAINS = ("gain_contre_naif_pct", "gain_contre_persistance_pct")
_TEST = ("mae_rte_mw", "dm_statistique", "dm_p_valeur")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("maille", "code_territoire", "pas", "modele", "meteo")),
        ("horizon_jours", pa.int32()),
        *((name, pa.string()) for name in ("decoupe", "valeur_decoupe")),
        ("nombre", pa.int32()),
        ("nombre_jours", pa.int32()),
        *((name, pa.float64()) for name in _MEASURES),
        ("echelle_mase_mw", pa.float64()),
        ("nombre_intervalles", pa.int32()),
        *((name, pa.float64()) for name in (*_COVERAGES, *_GAINS, *_TEST)),
        ("dm_nombre_jours", pa.int32()),
        *((name, pa.date32()) for name in ("debut", "fin")),
        *((name, pa.string()) for name in ("empreinte", "empreinte_echelle")),
    ]
)

Scales = Mapping[str, float | None]


def scores(
    source: Source, forecasts: DuckDBPyRelation, sums: DuckDBPyRelation, stored: DuckDBPyRelation | None = None
) -> pa.Table:
    """Return the scores of every model, by territory, step, weather, horizon and cut of the back-test.

    Args:
        source: tables of the warehouse.
        forecasts: ``int_prevision_retrotest``.
        sums: ``int_prevision_sommes``.
        stored: this table as it is. Territories whose sums have not changed are left out; those without any come back
            as one row without a step.
    """
    done = {} if stored is None else _marks(stored)
    spans, marks = spans_of(forecasts), marks_of(sums)
    tables = []
    for history in source.histories():
        if history.code not in marks or done.get(history.code, ("", ""))[0] == marks[history.code]:
            continue
        span = spans[history.code]
        mark = _mark_of_scales(history, span)
        scales = None if stored is None or done.get(history.code, ("", ""))[1] != mark else _scales(stored, history)
        if scales is None:
            scales = _scales_before(source, history, span)
        own = of_territory(sums, history.code).order("mois").to_arrow_table()
        head = {"maille": history.grain, "code_territoire": history.code}
        ends = {"empreinte": marks[history.code], "empreinte_echelle": mark}
        rows = [head | row | ends for row in _of_territory(own, scales)]
        tables.append(pa.Table.from_pylist(rows, schema=SCHEMA))
    gone = sorted(done.keys() - marks.keys())
    tables.append(pa.Table.from_pylist([{"code_territoire": each} for each in gone], schema=SCHEMA))
    return pa.concat_tables(tables).combine_chunks()


def _marks(stored: DuckDBPyRelation) -> dict[str, tuple[str, str]]:
    rows = stored.aggregate("code_territoire, min(empreinte), min(empreinte_echelle)", "code_territoire").fetchall()
    return {code: (mark, scales) for code, mark, scales in rows}


def _mark_of_scales(history: History, span: Span) -> str:
    month = history.digests[str(span.first.astype("datetime64[M]"))]
    return hashlib.sha256(f"{month} {span.first}".encode()).hexdigest()[:32]


def _scales(stored: DuckDBPyRelation, history: History) -> Scales | None:
    """Return the denominators of MASE that the stored scores have, None when a step has no score."""
    own = of_territory(stored, history.code).aggregate("pas, min(echelle_mase_mw)", "pas").fetchall()
    return dict(own) if {step for step, _ in own} == set(STEPS) else None


def _scales_before(source: Source, history: History, span: Span) -> Scales:
    """Return the mean error of the seasonal naive of seven days before the back-test, by step: what MASE divides by."""
    territory = source.territory(history, until=span.first)
    if territory is None:
        return dict.fromkeys(STEPS)
    before = Forecasts(territory)
    return {step: _scale(before.actual[step]) for step in STEPS}


def _scale(actual: Floats) -> float | None:
    errors = np.abs(actual[7:] - actual[:-7])
    scale = float(np.nanmean(errors)) if np.isfinite(errors).any() else math.nan
    return scale if scale > 0 else None


@dataclass(frozen=True, slots=True)
class _Months:
    """The sums of the months of a territory, all series one after another.

    Attributes:
        table: what names them, and what compares them with RTE.
        measures: rows × kinds of day × (counts, then sums).
        hourly: rows × hours × (counts, then sums); 0 for days.
        numbers, first, last: rows × kinds of day: days with an error, the first and the last one.
    """

    table: dict[str, list[Any]]
    measures: Floats
    hourly: Floats
    numbers: Integers
    first: Days
    last: Days


def _of_territory(own: pa.Table, scales: Scales) -> Iterator[dict[str, Any]]:
    names = ("pas", "modele", "meteo", "horizon_jours", "mois", "saison", "somme_rte", "nombre_rte", "ecarts_rte")
    days = ("nombre_jours", "premiers_jours", "derniers_jours")
    months = _Months(
        {name: own[name].to_pylist() for name in names},
        _measures(own["comptes"], own["sommes"], len(KINDS)),
        _measures(own["comptes_heures"], own["sommes_heures"], HOURS),
        *(pc.list_flatten(own[name]).to_numpy().reshape(-1, len(KINDS)) for name in days),
    )
    series: dict[tuple[Any, ...], list[int]] = {}
    for at, key in enumerate(zip(*(months.table[name] for name in names[:4]), strict=True)):
        series.setdefault(key, []).append(at)
    for key, rows in series.items():
        head = dict(zip(names[:4], key, strict=True))
        for row in _of_series(months, rows, scales[head["pas"]]):
            yield head | row


def _measures(counts: pa.ChunkedArray, sums: pa.ChunkedArray, groups: int) -> Floats:
    """Return lists of equal length as an array, rows × groups × measures; 0 where there is no list."""
    found = np.zeros((len(counts), groups, len(COUNTS) + len(SUMS)))
    there = counts.is_valid().to_numpy()
    for column, at in ((counts, slice(len(COUNTS))), (sums, slice(len(COUNTS), None))):
        found[there, :, at] = pc.list_flatten(column).to_numpy().reshape(int(there.sum()), groups, -1)
    return found


def _of_series(months: _Months, rows: list[int], scale: float | None) -> Iterator[dict[str, Any]]:
    measures, numbers = months.measures[rows], months.numbers[rows]
    first, last = months.first[rows], months.last[rows]
    every = measures.sum(axis=1)
    for cut, names in ((WHOLE, [WHOLE] * len(rows)), (YEAR, _years(months, rows)), (SEASON, _seasons(months, rows))):
        for value in sorted(set(names)):
            at = [place for place, name in enumerate(names) if name == value]
            found = _means(every[at].sum(axis=0), scale)
            if found:
                against = _against_rte(months, [rows[each] for each in at]) if cut in (WHOLE, YEAR) else {}
                yield {
                    "decoupe": cut,
                    "valeur_decoupe": value,
                    **found,
                    **_days(numbers[at], first[at], last[at]),
                    **against,
                }
    for kind, (name, sums) in enumerate(zip(KINDS, measures.sum(axis=0), strict=True)):
        found = _means(sums, scale)
        if found:
            yield {
                "decoupe": KIND,
                "valeur_decoupe": name,
                **found,
                **_days(numbers[:, kind], first[:, kind], last[:, kind]),
            }
    for hour, sums in enumerate(months.hourly[rows].sum(axis=0)):
        found = _means(sums, scale)
        if found:
            yield {"decoupe": HOUR, "valeur_decoupe": f"{hour:02d}", **found}


def _years(months: _Months, rows: list[int]) -> list[str]:
    return [months.table["mois"][row][:4] for row in rows]


def _seasons(months: _Months, rows: list[int]) -> list[str]:
    return [months.table["saison"][row] for row in rows]


def _days(numbers: Integers, first: Days, last: Days) -> dict[str, Any]:
    """Return how many days some months and kinds of day have, the first and the last one."""
    # Months without a day of a kind have neither.
    return {
        "nombre_jours": int(numbers.sum()),
        "debut": np.fmin.reduce(first, axis=None).item(),
        "fin": np.fmax.reduce(last, axis=None).item(),
    }


def _means(sums: Floats, scale: float | None) -> dict[str, Any]:
    """Return the scores that some counts and sums give; empty without a reading."""
    number, relative, intervals, in_90, in_50, *amounts = sums.tolist()
    if not number:
        return {}
    total = dict(zip(SUMS, amounts, strict=True))
    mae = total["mae"] / number
    row: dict[str, Any] = {
        "nombre": int(number),
        "mae_mw": mae,
        "mape_pct": 100 * total["ape"] / relative if relative else None,
        "biais_mw": total["bias"] / number,
        "rmse_mw": math.sqrt(total["square"] / number),
        "mase": None if scale is None else mae / scale,
        "echelle_mase_mw": scale,
        "nombre_intervalles": int(intervals),
    }
    if intervals:
        row |= {
            "pinball_mw": total["pinball"] / intervals,
            "couverture_90_pct": 100 * in_90 / intervals,
            "couverture_50_pct": 100 * in_50 / intervals,
            "largeur_90_mw": total["width"] / intervals,
        }
    for name, column in ((NAIVE, _GAINS[0]), (PERSISTENCE, _GAINS[1])):
        if total[f"{name}_other"]:
            row[column] = 100 * (1 - total[f"{name}_own"] / total[f"{name}_other"])
    return row


def _against_rte(months: _Months, rows: list[int]) -> dict[str, Any]:
    """Compare absolute errors on the same readings: Diebold and Mariano, on the means of days."""
    number = sum(months.table["nombre_rte"][row] or 0 for row in rows)
    if not number:
        return {}
    daily = np.array([each for row in rows for each in months.table["ecarts_rte"][row] or ()])
    statistic, p_value = diebold_mariano(daily)
    return {
        "mae_rte_mw": sum(months.table["somme_rte"][row] or 0.0 for row in rows) / number,
        "dm_statistique": statistic,
        "dm_p_valeur": p_value,
        "dm_nombre_jours": len(daily),
    }


def diebold_mariano(differences: Floats) -> tuple[float | None, float | None]:
    """Return the statistic (negative: the first model errs less) and its two-sided p-value.

    Args:
        differences: loss of the first model less that of the second, day after day.

    Returns:
        None for both when there are too few days, or when the losses always differ by the same amount.
    """
    number = len(differences)
    if number < _FEWEST_DAYS:
        return None, None
    mean = float(differences.mean())
    around = differences - mean
    variance = float(around @ around) / number
    for lag in range(1, _LAGS + 1):
        variance += 2 * (1 - lag / (_LAGS + 1)) * float(around[lag:] @ around[:-lag]) / number
    if variance <= 0:
        return None, None
    statistic = mean / float(np.sqrt(variance / number))
    return statistic, two_sided(statistic, number - 1)
