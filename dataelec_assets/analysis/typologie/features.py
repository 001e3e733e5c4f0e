"""From indicators to comparable features: transformed, winsorised, standardised, without constants or duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOG = "log"

# An indicator that is unknown for more than a quarter of the territories is left out, rather than the territories.
# Corse and the overseas régions, which some publishers do not cover, must not cost an indicator.
FEWEST_KNOWN = 0.75

# Share of territories beyond each bound. Paris has twice the inhabitants of the next city: without bounds it would be a
# type of its own. Two in a hundred are bounded on each side, so that at least one always is.
BEYOND = 0.02

# Two features that are this strongly correlated (nine tenths of their variance) would count one thing twice.
MOST_CORRELATED = 0.95

# Fewer than three indicators need no typology: a chart of the two shows more.
FEWEST_INDICATORS = 3

# Below this share of their level, differences are rounding.
_ROUNDING = 1e-6

UNKNOWN = "connu de moins de 75 % des territoires"
CONSTANT = "ne varie pas d'un territoire à l'autre"

VALUES = pa.schema(
    [
        *((name, pa.string()) for name in ("maille", "code_territoire", "code_indicateur", "sous_champ")),
        ("ordre", pa.int32()),
        ("transformation", pa.string()),
        ("mot_haut", pa.string()),
        ("mot_bas", pa.string()),
        ("annee", pa.int32()),
        ("valeur", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of one grain, and how it becomes a feature.

    Attributes:
        code, part: indicator and its part (``sous_champ``), None for the whole.
        order: place in the list; of two redundant indicators the first is kept.
        transform: ``log`` or None.
        high, low: words for a territory far above or below the others.
        year: of its values.
        known_share: share of the territories with a value, 0 to 1.
        reason: why it is left out; None when it is kept.
        low_bound, high_bound, mean, deviation: of the transformed values, of kept indicators; NaN for the others.
    """

    code: str
    part: str | None
    order: int
    transform: str | None
    high: str
    low: str
    year: int | None
    known_share: float = 0.0
    reason: str | None = None
    low_bound: float = np.nan
    high_bound: float = np.nan
    mean: float = np.nan
    deviation: float = np.nan

    @property
    def name(self) -> str:
        """The code, with its part in brackets."""
        return self.code if self.part is None else f"{self.code} ({self.part})"

    def transformed(self, values: Floats) -> Floats:
        """Return the values on the scale on which they are compared; NaN stays NaN.

        The logarithm of zero is minus infinity, which the lower bound then stops; a negative value has none.
        """
        if self.transform != LOG:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log(values), dtype=np.float64)

    def standardised(self, values: Floats) -> Floats:
        """Return the feature of published values: transformed, bound, in standard deviations from the mean."""
        bound = np.clip(self.transformed(values), self.low_bound, self.high_bound)
        return np.asarray((bound - self.mean) / self.deviation, dtype=np.float64)

    def restored(self, feature: float) -> float:
        """Return the value of a feature in the published unit."""
        value = self.mean + feature * self.deviation
        return float(np.exp(value)) if self.transform == LOG else value


@dataclass(frozen=True, slots=True)
class Territories:
    """The territories of one grain, by code.

    Attributes:
        codes: of all of them.
        indicators: by order, kept or left out.
        values: territories × indicators, as published; NaN where unknown.
    """

    codes: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    values: Floats

    @property
    def kept(self) -> tuple[Indicator, ...]:
        """The indicators that are not left out."""
        return tuple(each for each in self.indicators if each.reason is None)

    def _columns(self, indicators: Sequence[Indicator]) -> Floats:
        positions = [each.order for each in self.indicators]
        return self.values[:, [positions.index(each.order) for each in indicators]]

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Whether every kept indicator of the territory is known."""
        columns = self._columns(self.kept)
        usable = np.column_stack(
            [~np.isnan(each.transformed(columns[:, position])) for position, each in enumerate(self.kept)]
            or [np.ones(len(self.codes), dtype=bool)]
        )
        return np.asarray(usable.all(axis=1))

    def missing(self, row: int) -> tuple[str, ...]:
        """Return the names of the kept indicators that a territory lacks."""
        columns = self._columns(self.kept)
        return tuple(
            each.name
            for position, each in enumerate(self.kept)
            if np.isnan(each.transformed(columns[row : row + 1, position])[0])
        )

    def features(self) -> Floats:
        """Return complete territories × kept indicators, standardised; the indicators must have been prepared."""
        columns = self._columns(self.kept)[self.complete]
        return np.column_stack([each.standardised(columns[:, i]) for i, each in enumerate(self.kept)])


def read_territories(values: pa.Table) -> dict[str, Territories]:
    """Return the territories by grain.

    Args:
        values: :data:`VALUES`, a row for each territory and indicator, null where the value is unknown.
    """
    grains: dict[str, Territories] = {}
    rows = values.select(VALUES.names).to_pylist()
    for grain in sorted({row["maille"] for row in rows}):
        of_grain = [row for row in rows if row["maille"] == grain]
        codes = sorted({row["code_territoire"] for row in of_grain})
        indicators = {
            row["ordre"]: Indicator(
                row["code_indicateur"],
                row["sous_champ"],
                row["ordre"],
                row["transformation"],
                row["mot_haut"],
                row["mot_bas"],
                row["annee"],
            )
            for row in of_grain
        }
        orders = sorted(indicators)
        matrix = np.full((len(codes), len(orders)), np.nan)
        row_of = {code: number for number, code in enumerate(codes)}
        column_of = {order: number for number, order in enumerate(orders)}
        for row in of_grain:
            if row["valeur"] is not None:
                matrix[row_of[row["code_territoire"]], column_of[row["ordre"]]] = row["valeur"]
        grains[grain] = Territories(tuple(codes), tuple(indicators[order] for order in orders), matrix)
    return grains


def prepare(territories: Territories) -> Territories:
    """Return the territories with each indicator either measured or left out with a reason."""
    known = [
        float(np.mean(~np.isnan(each.transformed(territories.values[:, position]))))
        for position, each in enumerate(territories.indicators)
    ]
    prepared = replace(
        territories,
        indicators=tuple(
            replace(each, known_share=share, reason=UNKNOWN if share < FEWEST_KNOWN else None)
            for each, share in zip(territories.indicators, known, strict=True)
        ),
    )
    # Leaving out an indicator brings back territories that lacked only that one, so the rest is measured again.
    while True:
        measured = _measured(prepared)
        if [each.reason for each in measured.indicators] == [each.reason for each in prepared.indicators]:
            return measured
        prepared = measured


def _measured(territories: Territories) -> Territories:
    rows = territories.values[territories.complete]
    done: list[Indicator] = []
    features: list[Floats] = []
    for position, each in enumerate(territories.indicators):
        if each.reason is not None or len(rows) == 0:
            done.append(each)
            continue
        measure = _measure(each, each.transformed(rows[:, position]))
        if measure.reason is None:
            feature = measure.standardised(rows[:, position])
            twin = next(
                (
                    other
                    for other, values in zip([one for one in done if one.reason is None], features, strict=True)
                    if abs(float(np.corrcoef(values, feature)[0, 1])) >= MOST_CORRELATED
                ),
                None,
            )
            if twin is None:
                features.append(feature)
            else:
                measure = replace(measure, reason=f"dit la même chose que {twin.name}")
        done.append(measure)
    return replace(territories, indicators=tuple(done))


def _measure(indicator: Indicator, values: Floats) -> Indicator:
    """Return the indicator with its bounds, mean and deviation; left out when it does not vary."""
    # Bounds are values that occur: an interpolated one would move with the outlier that it should stop.
    low = float(np.quantile(values, BEYOND, method="higher"))
    high = float(np.quantile(values, 1 - BEYOND, method="lower"))
    if not np.isfinite(low):
        finite = values[np.isfinite(values)]
        low = float(finite.min()) if len(finite) else 0.0
    high = max(high, low)
    bound = np.clip(values, low, high)
    mean, deviation = float(bound.mean()), float(bound.std())
    if deviation <= _ROUNDING * max(1.0, abs(mean)):
        return replace(indicator, reason=CONSTANT)
    return replace(indicator, low_bound=low, high_bound=high, mean=mean, deviation=deviation)
