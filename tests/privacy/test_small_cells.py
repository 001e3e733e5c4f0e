"""Small cells: what is hidden cannot be recovered by subtraction, and no more is hidden than that takes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataelec_assets.privacy.small_cells import FEWEST, REASON, TOTAL_TOO, suppress


def cells(*counts: int | None, total: str = "t") -> pa.Table:
    names = [f"c{number}" for number in range(len(counts))]
    return pa.table(
        {
            "total": [total] * len(counts),
            "code": names,
            "points": pa.array(counts, pa.int64()),
            "mwh": pa.array([None if each is None else each * 5.0 for each in counts], pa.float64()),
        }
    )


def hidden(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = suppress(
        table, key=["code"], within=["total"], count="points", hide=["mwh"]
    ).to_pylist()
    return rows


@pytest.mark.parametrize(
    ("counts", "reasons"),
    [
        ((20, 30, 40), [None, None, None]),
        ((0, 30, 40), [None, None, None]),
        ((10, 30, 40), [None, None, None]),
        # One alone is the total less the others: the smallest other one goes with it.
        ((3, 30, 40), ["effectif", "complement", None]),
        ((40, 30, 3), [None, "complement", "effectif"]),
        # A zero protects nothing: everybody knows it.
        ((3, 0, 40), ["effectif", None, "complement"]),
        # Two that are a small cell together, by subtraction.
        ((3, 4, 40), ["effectif", "effectif", "complement"]),
        ((4, 6, 40), ["effectif", "effectif", None]),
        # What the publisher hid counts like any other.
        ((None, 30, 40), ["publieur", "complement", None]),
        ((None, 3, 40, 50), ["publieur", "effectif", "complement", None]),
        # Equal ones by their key.
        ((3, 30, 30), ["effectif", "complement", None]),
    ],
)
def test_cells_are_hidden_until_none_can_be_subtracted(counts: tuple[int | None, ...], reasons: list[str]) -> None:
    rows = hidden(cells(*counts))
    assert [row[REASON] for row in rows] == reasons
    assert {row[TOTAL_TOO] for row in rows} == {False}
    for row, count in zip(rows, counts, strict=True):
        is_shown = row[REASON] is None
        assert (row["points"], row["mwh"]) == ((count, 5.0 * (count or 0)) if is_shown else (None, None))


@pytest.mark.parametrize("counts", [(3,), (3, 0), (None,), (2, 3), (None, None)])
def test_a_total_that_cannot_protect_its_cells_is_named(counts: tuple[int | None, ...]) -> None:
    assert {row[TOTAL_TOO] for row in hidden(cells(*counts))} == {True}


def test_totals_do_not_protect_each_other() -> None:
    table = pa.concat_tables([cells(3, 20, 30, total="a"), cells(4, 20, 30, total="b"), cells(50, total="c")])
    assert [row[REASON] for row in hidden(table)] == ["effectif", "complement", None] * 2 + [None]


def test_an_exempt_cell_is_shown_and_may_protect_others() -> None:
    table = cells(3, 4, 40).append_column("libre", pa.array([True, False, False]))
    found = suppress(table, key=["code"], within=["total"], count="points", hide=["mwh"], exempt="libre")
    assert found.column(REASON).to_pylist() == ["complement", "effectif", "complement"]
    alone = table.slice(0, 1)
    assert suppress(alone, key=["code"], within=["total"], count="points", hide=[], exempt="libre").column(
        REASON
    ).to_pylist() == [None]


def test_no_row_is_lost_and_an_empty_table_stays_one() -> None:
    assert hidden(cells()) == []
    assert [row["code"] for row in hidden(cells(30, 3, 12))] == ["c0", "c1", "c2"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 40)), max_size=8), st.randoms(use_true_random=False))
def test_whatever_the_counts_the_hidden_ones_are_several_and_enough(counts: list[int | None], order: Any) -> None:
    table = cells(*counts)
    rows = hidden(table)
    for row, count in zip(rows, counts, strict=True):
        assert row[REASON] is not None or (count is not None and (count == 0 or count >= FEWEST))
    gone = [count for row, count in zip(rows, counts, strict=True) if row[REASON] is not None]
    if gone and not rows[0][TOTAL_TOO]:
        assert len(gone) > 1
        # The attack by subtraction: the total less the shown cells is not a small cell itself.
        assert sum(1 if count is None else count for count in gone) >= FEWEST
        # The last complement was needed.
        extra = [count for row, count in zip(rows, counts, strict=True) if row[REASON] == "complement"]
        if extra:
            rest = [count for row, count in zip(rows, counts, strict=True) if row[REASON] in ("effectif", "publieur")]
            rest += sorted(count or 0 for count in extra)[:-1]
            assert len(rest) < 2 or sum(1 if count is None else count for count in rest) < FEWEST
    positions = list(range(len(counts)))
    order.shuffle(positions)
    again = hidden(table.take(pa.array(positions, pa.int64())))
    assert sorted(again, key=lambda row: row["code"]) == rows
