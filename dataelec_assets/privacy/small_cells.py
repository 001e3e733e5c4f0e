"""Small cells: figures about a few homes are hidden, and cannot be recovered by subtraction either.

A cell is hidden first for its own count (``effectif``), then others of the same total until the hidden ones cannot be
recovered by subtraction (``complement``). The rule protects one total at a time: where the same cells add up to several
totals, such as rows and columns of a table, linear programming is needed (docs/confidentialite.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# Homes are published from ten delivery points on: « agrégats dont le nombre de points de livraison est supérieur à
# neuf » (code de l'énergie, article D. 111-53, II, 1°, for electricity).
FEWEST = 10

BY_COUNT, BY_COMPLEMENT, BY_PUBLISHER = "effectif", "complement", "publieur"

# Columns that are added.
REASON, TOTAL_TOO = "motif_secret", "total_a_masquer"


def suppress(
    table: pa.Table,
    *,
    key: Sequence[str],
    within: Sequence[str],
    count: str,
    hide: Sequence[str],
    fewest: int = FEWEST,
    exempt: str | None = None,
) -> pa.Table:
    """Hide small cells, and as many others as it takes to keep them hidden.

    Args:
        table: one row per cell.
        key: columns that tell cells apart; they decide between cells of equal count.
        within: columns that name the total to which a cell belongs, and which readers know.
        count: how many homes, firms or points the cell stands for; null where the publisher hid it.
        hide: measures that become null in a hidden cell; ``count`` is hidden whether it is named or not.
        fewest: smallest count that may be shown. Zero is shown: it describes nobody.
        exempt: boolean column, true where a cell may be shown whatever its count.

    Returns:
        The rows in their order, with :data:`REASON` (null where the cell is shown) and :data:`TOTAL_TOO`: true where a
        total has too few cells to protect the hidden ones, and must itself be hidden or merged with another.
    """
    counts: list[int | None] = table.column(count).to_pylist()
    keys = list(zip(*(table.column(name).to_pylist() for name in key), strict=True))
    is_exempt = table.column(exempt).to_pylist() if exempt else [False] * table.num_rows
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row, total in enumerate(table.select(list(within)).to_pylist()):
        groups[tuple(total.values())].append(row)
    reasons: list[str | None] = [None] * table.num_rows
    for row, size in enumerate(counts):
        if size is None:
            reasons[row] = BY_PUBLISHER
        elif 0 < size < fewest and not is_exempt[row]:
            reasons[row] = BY_COUNT
    unprotected = [False] * table.num_rows
    for rows in groups.values():
        is_protected = _protect_total(rows, counts, keys, fewest, reasons)
        for row in rows:
            unprotected[row] = not is_protected
    shown = pa.array([reason is None for reason in reasons])
    for name in dict.fromkeys((*hide, count)):
        column = table.column(name).combine_chunks()
        nothing = pa.nulls(table.num_rows, column.type)
        table = table.set_column(table.schema.get_field_index(name), name, pc.if_else(shown, column, nothing))
    return table.append_column(REASON, pa.array(reasons, pa.string())).append_column(
        TOTAL_TOO, pa.array(unprotected, pa.bool_())
    )


def _protect_total(
    rows: Sequence[int], counts: Sequence[int | None], keys: Sequence[Any], fewest: int, reasons: list[str | None]
) -> bool:
    """Hide further cells of one total until the hidden ones are protected; return whether they are."""
    # The smallest cost least; equal ones by their key, so that the same table is always hidden alike.
    others = sorted(
        (row for row in rows if reasons[row] is None and (counts[row] or 0) > 0),
        key=lambda row: (counts[row], keys[row]),
    )
    hidden = [row for row in rows if reasons[row] is not None]
    while hidden:
        # All that is known of a cell hidden by the publisher is that it is not empty.
        sizes = [1 if (size := counts[row]) is None else size for row in hidden]
        if sum(sizes) >= fewest:
            break
        if not others:
            return False
        hidden.append(others.pop(0))
        reasons[hidden[-1]] = BY_COMPLEMENT
    return True
