"""The type of each territory, from the stored model alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from dataelec_assets.analysis.typologie.features import Floats, Indicator, Territories, read_territories
from dataelec_assets.analysis.typologie.groups import Labels
from dataelec_assets.analysis.typologie.model import CENTRE, CHOICE, INDICATOR

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("maille", "code_territoire")),
        *((name, pa.int32()) for name in ("groupe", "groupe_voisin")),
        *((name, pa.float64()) for name in ("silhouette", "distance_centre", "distance_voisin")),
        ("motif", pa.string()),
    ]
)

Row = dict[str, Any]

# Rows whose distances to all others are held at once: 5,400 towns and six indicators then take 60 MB.
_AT_ONCE = 200


def assign(values: pa.Table, model: pa.Table) -> pa.Table:
    """Assign a type to each territory.

    Args:
        values: as :func:`~dataelec_assets.analysis.typologie.model.fit` had them.
        model: what it returned.

    Returns:
        One row per grain and territory: its type and the next one, the distances to both centres (in standard
        deviations), its silhouette (-1 to 1, below 0: nearer to the territories of another type); or nulls and the
        reason.
    """
    of_grain: dict[str, list[Row]] = {}
    for row in model.to_pylist():
        of_grain.setdefault(row["maille"], []).append(row)
    rows: list[Row] = []
    for grain, territories in read_territories(values).items():
        rows += [{"maille": grain, **row} for row in _of_grain(territories, of_grain[grain])]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _of_grain(territories: Territories, model: Sequence[Row]) -> Iterator[Row]:
    measured = {row["ordre"]: row for row in model if row["objet"] == INDICATOR}
    territories = replace(
        territories, indicators=tuple(_measured(each, measured[each.order]) for each in territories.indicators)
    )
    centres = _centres(model)
    if len(centres) == 0:
        refused = _refusal(model)
        yield from ({"code_territoire": code, "motif": refused} for code in territories.codes)
        return
    complete = territories.complete
    assigned = iter(_assigned(territories.features(), centres))
    for position, code in enumerate(territories.codes):
        if complete[position]:
            yield {"code_territoire": code, **next(assigned)}
        else:
            yield {"code_territoire": code, "motif": f"inconnu : {', '.join(territories.missing(position))}"}


def _measured(indicator: Indicator, row: Row) -> Indicator:
    if row["motif"] is not None:
        return replace(indicator, reason=row["motif"])
    return replace(
        indicator,
        low_bound=row["borne_basse"],
        high_bound=row["borne_haute"],
        mean=row["moyenne"],
        deviation=row["ecart_type"],
    )


def _centres(model: Sequence[Row]) -> Floats:
    """Return types × kept indicators."""
    rows = sorted((row for row in model if row["objet"] == CENTRE), key=lambda row: (row["groupe"], row["ordre"]))
    number = len({row["groupe"] for row in rows})
    return np.array([row["centre"] for row in rows], dtype=np.float64).reshape(number, -1) if rows else np.empty((0, 0))


def _refusal(model: Sequence[Row]) -> str:
    """Return why there are no types: the reason given for the number that came nearest."""
    tried = [row for row in model if row["objet"] == CHOICE]
    best = max(tried, key=lambda row: (row["silhouette"] is not None, row["silhouette"] or 0.0, -row["groupe"]))
    return f"typologie refusée : {best['motif']}"


def _assigned(features: Floats, centres: Floats) -> Iterator[Row]:
    from threadpoolctl import threadpool_limits

    distances = np.sqrt(((features[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
    order = np.argsort(distances, axis=1, kind="stable")
    # The last digits must not depend on the number of cores.
    with threadpool_limits(1):
        silhouettes = _silhouettes(features, order[:, 0])
    for row, (own, other) in enumerate(order[:, :2]):
        yield {
            "groupe": int(own) + 1,
            "groupe_voisin": int(other) + 1,
            "silhouette": float(silhouettes[row]),
            "distance_centre": float(distances[row, own]),
            "distance_voisin": float(distances[row, other]),
        }


def _silhouettes(features: Floats, labels: Labels) -> Floats:
    """Return the silhouette of each row (Rousseeuw, 1987), as scikit-learn has it, which takes longer to load."""
    member = np.eye(int(labels.max()) + 1)[labels]
    sizes = member.sum(axis=0)
    found = np.zeros(len(features))
    for start in range(0, len(features), _AT_ONCE):
        rows = np.arange(start, min(start + _AT_ONCE, len(features)))
        distances = np.sqrt(((features[rows, None, :] - features[None, :, :]) ** 2).sum(axis=2))
        sums = distances @ member
        own = labels[rows]
        within = sums[np.arange(len(rows)), own] / np.maximum(sizes[own] - 1, 1)
        between = np.where(member[rows] == 1, np.inf, sums / np.maximum(sizes, 1))
        between[:, sizes == 0] = np.inf
        nearest = between.min(axis=1)
        # A territory alone in its type has a silhouette of 0.
        found[rows] = np.where(sizes[own] > 1, (nearest - within) / np.maximum(nearest, within), 0.0)
    return found
