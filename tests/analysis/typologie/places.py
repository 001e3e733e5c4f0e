"""Made-up territories, whose types are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataelec_assets.analysis.typologie.features import VALUES

Floats = NDArray[np.float64]

# Two thirds of a typology's time are its ten seeds; where they are not what is tested, three are enough.
FEW_SEEDS = (0, 1, 2)


def table(
    columns: Mapping[str, Sequence[float | None] | Floats], *, log: Sequence[str] = (), grain: str = "epci"
) -> pa.Table:
    """Return the territories t000, t001, … with one indicator per column; NaN and None are unknown."""
    rows: list[dict[str, Any]] = []
    for order, (name, values) in enumerate(columns.items(), 1):
        rows += [
            {
                "maille": grain,
                "code_territoire": f"t{number:03d}",
                "code_indicateur": name,
                "sous_champ": None,
                "ordre": order,
                "transformation": "log" if name in log else None,
                "mot_haut": f"beaucoup de {name}",
                "mot_bas": f"peu de {name}",
                "annee": 2023,
                "valeur": None if value is None or np.isnan(value) else float(value),
            }
            for number, value in enumerate(values)
        ]
    return pa.Table.from_pylist(rows, schema=VALUES)


def columns_of(points: Floats) -> dict[str, Floats]:
    """Return the columns a, b, c… of points."""
    return {chr(ord("a") + number): points[:, number] for number in range(points.shape[1])}


def blobs(sizes: Sequence[int], features: int = 4, apart: float = 6.0, seed: int = 0) -> tuple[Floats, list[int]]:
    """Return points around centres that lie ``apart`` standard deviations from one another, and the blob of each."""
    draws = np.random.default_rng(seed)
    centres = draws.permutation(np.eye(max(features, len(sizes)))[: len(sizes), :features] * apart)
    blob = [number for number, size in enumerate(sizes) for _ in range(size)]
    return centres[blob] + draws.normal(size=(len(blob), features)), blob
