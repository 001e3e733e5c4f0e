"""Finds the types; the stored model holds the scale of each feature, the numbers that were tried, and the types."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dataelec_assets.analysis.typologie.features import (
    FEWEST_INDICATORS,
    VALUES,
    Floats,
    Indicator,
    Territories,
    prepare,
    read_territories,
)
from dataelec_assets.analysis.typologie.groups import NUMBERS, Choice, Grouping, fewest_territories, group

INDICATOR, CHOICE, CENTRE = "indicateur", "choix", "centre"

# Cohen (1988): half a standard deviation is a medium difference; less does not describe a type.
TELLING = 0.5
# A longer name would be unreadable.
MOST_WORDS = 3

AVERAGE = "proches de la moyenne"

SCHEMA = pa.schema(
    [
        ("maille", pa.string()),
        ("objet", pa.string()),
        *((name, pa.int32()) for name in ("ordre", "groupe", "annee")),
        *((name, pa.string()) for name in ("code_indicateur", "sous_champ", "transformation", "motif", "libelle")),
        ("empreinte", pa.string()),
        ("est_retenu", pa.bool_()),
        *(
            (name, pa.int32())
            for name in ("nombre_territoires", "nombre_ecartes", "plus_petit_groupe", "rang_distinctif")
        ),
        *(
            (name, pa.float64())
            for name in (
                "part_connue_pct",
                "borne_basse",
                "borne_haute",
                "moyenne",
                "ecart_type",
                "silhouette",
                "accord_rand",
                "silhouette_hasard",
                "centre",
                "centre_publie",
            )
        ),
    ]
)

Row = dict[str, Any]


def fit(values: pa.Table, before: pa.Table | None = None) -> pa.Table:
    """Find the types of territories of each grain.

    Args:
        values: see :data:`~dataelec_assets.analysis.typologie.features.VALUES`; a row for each territory and indicator.
        before: result of an earlier call, returned unchanged when the same code computed it from the same values:
            sources unrelated to territories rebuild this table every quarter of an hour.

    Returns:
        :data:`SCHEMA`, by ``objet``: a row per indicator (kept or left out, bounds, mean and deviation of the
        transformed values), per number of types that was tried (with ``groupe`` that number), and per type and kept
        indicator (its centre, in standard deviations and in the published unit; ``rang_distinctif`` 1 for what
        distinguishes it most). Without any territory: no row. Equal values give equal rows, whatever their order.
    """
    mark = fingerprint(values)
    if before is not None and before.schema.equals(SCHEMA) and set(before.column("empreinte").to_pylist()) == {mark}:
        return before
    rows: list[Row] = []
    for grain, territories in read_territories(values).items():
        rows += [{"maille": grain, "empreinte": mark, **row} for row in _of_grain(prepare(territories))]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def fingerprint(values: pa.Table) -> str:
    """Return a digest of the values in any order, of this code and of its libraries."""
    digest = hashlib.sha256(repr([version(name) for name in ("numpy", "scikit-learn")]).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    for line in sorted(map(repr, map(tuple, map(dict.values, values.select(VALUES.names).to_pylist())))):
        digest.update(line.encode())
    return digest.hexdigest()


def _of_grain(territories: Territories) -> Iterator[Row]:
    for each in territories.indicators:
        yield {"objet": INDICATOR, **_about(each)}
    count = int(territories.complete.sum()) if territories.kept else 0
    counts = {"nombre_territoires": count, "nombre_ecartes": len(territories.codes) - count}
    reason = _refusal(len(territories.kept), count)
    if reason is not None:
        yield from ({"objet": CHOICE, "groupe": k, "est_retenu": False, "motif": reason, **counts} for k in NUMBERS)
        return
    features = territories.features()
    grouping = group(features)
    for choice in grouping.choices:
        yield {"objet": CHOICE, "silhouette_hasard": grouping.by_chance, **_tried(choice), **counts}
    yield from _centres(grouping, territories.kept)


def _refusal(indicators: int, territories: int) -> str | None:
    if indicators < FEWEST_INDICATORS:
        return f"moins de {FEWEST_INDICATORS} indicateurs utilisables"
    fewest = fewest_territories(indicators)
    if territories < fewest:
        return f"moins de {fewest} territoires dont tout est connu"
    return None


def _about(indicator: Indicator) -> Row:
    return {
        "ordre": indicator.order,
        "code_indicateur": indicator.code,
        "sous_champ": indicator.part,
        "annee": indicator.year,
        "transformation": indicator.transform,
        "est_retenu": indicator.reason is None,
        "motif": indicator.reason,
        "part_connue_pct": 100 * indicator.known_share,
        **({} if indicator.reason else _scale(indicator)),
    }


def _scale(indicator: Indicator) -> Row:
    return {
        "borne_basse": indicator.low_bound,
        "borne_haute": indicator.high_bound,
        "moyenne": indicator.mean,
        "ecart_type": indicator.deviation,
    }


def _tried(choice: Choice) -> Row:
    return {
        "groupe": choice.number,
        "est_retenu": choice.reason is None,
        "motif": choice.reason,
        "silhouette": choice.silhouette,
        "accord_rand": choice.agreement,
        "plus_petit_groupe": choice.smallest,
    }


def _centres(grouping: Grouping, indicators: tuple[Indicator, ...]) -> Iterator[Row]:
    if grouping.labels is None or grouping.centres is None:
        return
    sizes = np.bincount(grouping.labels)
    for number, centre in enumerate(grouping.centres):
        ranks = _ranks(centre)
        for position, each in enumerate(indicators):
            yield {
                "objet": CENTRE,
                "groupe": number + 1,
                "libelle": describe(centre, indicators),
                "ordre": each.order,
                "code_indicateur": each.code,
                "sous_champ": each.part,
                "nombre_territoires": int(sizes[number]),
                "rang_distinctif": ranks[position],
                "centre": float(centre[position]),
                "centre_publie": each.restored(float(centre[position])),
            }


def _ranks(centre: Floats) -> list[int]:
    """Return the rank of each indicator by its distance from the mean, 1 for the largest; the first of equal ones."""
    order = sorted(range(len(centre)), key=lambda position: (-round(abs(float(centre[position])), 9), position))
    ranks = [0] * len(centre)
    for rank, position in enumerate(order, 1):
        ranks[position] = rank
    return ranks


def describe(centre: Floats, indicators: tuple[Indicator, ...]) -> str:
    """Describe a type in words: how it differs from the mean territory, the largest difference first.

    Args:
        centre: of the type, in standard deviations, one number for each indicator.
        indicators: with their words.
    """
    ranks = _ranks(centre)
    telling = [
        indicators[position].high if centre[position] > 0 else indicators[position].low
        for position in sorted(range(len(centre)), key=lambda position: ranks[position])
        if abs(float(centre[position])) >= TELLING
    ]
    return ", ".join(telling[:MOST_WORDS]) or AVERAGE
