"""The stored forecasts of a territory and its readings, on one grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.baselines import NO_WEATHER, RIDGE, references
from dataelec_assets.analysis.prevision.conformal import LEVELS, half_widths
from dataelec_assets.analysis.prevision.days import fictitious_labels
from dataelec_assets.analysis.prevision.inputs import LABELS, Floats, Integers, Territory, territories
from dataelec_assets.analysis.prevision.weather import CLIMATOLOGY

DAY, HALF_HOUR = "jour", "demi_heure"
STEPS = (DAY, HALF_HOUR)


@dataclass(frozen=True, slots=True)
class Series:
    """One model, with one weather, at one horizon, for days or half-hours.

    Attributes:
        step: ``jour`` or ``demi_heure``.
        model: name of the model.
        meteo: weather that it was given.
        horizon: days from the issue day to the target day.
        power: forecast by target day and column (48, or 1 for days); NaN where none.
        half_50: half-width of the interval of 50 %; NaN where none.
        half_90: the same of 90 %.
    """

    step: str
    model: str
    meteo: str
    horizon: int
    power: Floats
    half_50: Floats
    half_90: Floats


class Forecasts:
    """Every forecast of a territory."""

    def __init__(self, territory: Territory, stored: pa.Table) -> None:
        """Take this territory's rows of ``int_prevision_retrotest``, at least one."""
        self.territory = territory
        self._references: dict[int, dict[str, Floats]] = {}
        self._hidden = fictitious_labels(territory.dates, LABELS)
        self._stored = {
            (horizon, meteo): _grid(territory, part)
            for horizon in HORIZONS
            for meteo, part in _by_meteo(stored, horizon)
        }
        self.actual = {HALF_HOUR: self._shown(territory.load), DAY: self.of_days(territory.load)}

    @property
    def last_issue(self) -> int:
        """Row of the newest day on which the next day could be forecast without its weather; -1 if none."""
        day_after = self._stored.get((HORIZONS[0], CLIMATOLOGY))
        if day_after is None:
            return -1
        targets = np.flatnonzero(~np.isnan(day_after[:, 0]))
        return int(targets[-1]) - HORIZONS[0] if len(targets) else -1

    def _shown(self, power: Floats) -> Floats:
        return np.where(self._hidden, np.nan, power)

    def of_days(self, power: Floats) -> Floats:
        """Return the mean of each day, one column; NaN unless it has every label that clocks show."""
        shown = self._shown(power)
        number = (~np.isnan(shown)).sum(axis=1)
        total = np.nansum(shown, axis=1)
        return np.where(number == (~self._hidden).sum(axis=1), total / np.maximum(number, 1), np.nan)[:, None]

    @cached_property
    def tested(self) -> tuple[int, int]:
        """First and last row with a forecast by the ridge, plus one; (0, 0) when there is none."""
        rows = [np.flatnonzero(~np.isnan(each[:, 0])) for each in self._stored.values()]
        rows = [each for each in rows if len(each)]
        return (min(int(each[0]) for each in rows), max(int(each[-1]) for each in rows) + 1) if rows else (0, 0)

    def _starts(self, since: int) -> Integers:
        """Return the rows at which the tested months begin that end after ``since``, and the row after the last."""
        months = self.territory.dates.astype("datetime64[M]")
        starts = np.flatnonzero(months[1:] != months[:-1]) + 1
        first, last = self.tested
        ends = np.append(starts[1:], len(months))
        chosen = (ends > max(first, since)) & (starts < last)
        return np.append(starts[chosen], ends[chosen][-1:])

    def series(self, since: int = 0) -> Iterator[Series]:
        """Yield the series of the ridge, then those of the references, which have no intervals.

        Args:
            since: row before whose month no intervals are needed.
        """
        starts = self._starts(since)
        for horizon in HORIZONS:
            for (stored_horizon, meteo), power in self._stored.items():
                if stored_horizon == horizon:
                    yield from self._steps(RIDGE, meteo, horizon, power, starts)
            for model, power in self.references(horizon).items():
                yield from self._steps(model, NO_WEATHER, horizon, power, None)

    def references(self, horizon: int) -> dict[str, Floats]:
        """Return the reference forecasts by name."""
        if horizon not in self._references:
            self._references[horizon] = references(self.territory, horizon)
        return self._references[horizon]

    def _steps(self, model: str, meteo: str, horizon: int, power: Floats, starts: Integers | None) -> Iterator[Series]:
        kinds = {DAY: self.territory.day_type, HALF_HOUR: None}
        for step, values in ((DAY, self.of_days(power)), (HALF_HOUR, self._shown(power))):
            halves = tuple(np.full(values.shape, np.nan) for _ in LEVELS)
            if starts is not None:
                halves = half_widths(np.abs(values - self.actual[step]), kinds[step], starts, horizon)
            yield Series(step, model, meteo, horizon, values, *halves)


def stored_by_territory(
    readings: pa.Table, days: pa.Table, revisions: pa.Table, stored: pa.Table
) -> Iterator[tuple[Territory, pa.Table, tuple[int, int]]]:
    """Yield each territory that has forecasts with these, and the rows of the first and the last target day."""
    if not stored.num_rows:
        return
    for territory in territories(readings, days, revisions):
        own = stored.filter(
            pc.and_(pc.equal(stored["maille"], territory.grain), pc.equal(stored["code_territoire"], territory.code))
        )
        if own.num_rows:
            ends = pc.min_max(own["date"]).as_py()
            first, last = (territory.position(np.datetime64(ends[each])) for each in ("min", "max"))
            yield territory, own, (first, last)


def _by_meteo(stored: pa.Table, horizon: int) -> Iterator[tuple[str, pa.Table]]:
    own = stored.filter(pc.equal(stored["horizon_jours"], horizon))
    for meteo in sorted(pc.unique(own["meteo"]).to_pylist()):
        yield meteo, own.filter(pc.equal(own["meteo"], meteo))


def _grid(territory: Territory, rows: pa.Table) -> Floats:
    grid = np.full((len(territory.load), LABELS), np.nan)
    days = np.asarray(rows["date"].to_numpy()).astype("datetime64[D]")
    at = (days - territory.first).astype(np.int64)
    values = pc.list_flatten(rows["prevision_mw"]).to_numpy().astype(np.float64).reshape(-1, LABELS)
    inside = (at >= 0) & (at < len(grid))
    # Stored as 32-bit floats; a tenth of a megawatt is what they hold.
    grid[at[inside]] = np.round(values[inside], 1)
    return grid
