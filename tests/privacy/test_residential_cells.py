"""An attacker who knows the total of a département recovers no small cell, and only what needs hiding is hidden."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataelec_assets.privacy.residential_cells import GAS_SHOWN_ABOVE_MWH, hidden_cells
from dataelec_assets.privacy.small_cells import FEWEST

Cell = tuple[str, str | None, int | None]  # commune, département, delivery points


def cells(*rows: Cell, filiere: str = "Electricité", mwh_per_point: float = 5.0) -> pa.Table:
    communes, departements, points = ([row[position] for row in rows] for position in range(3))
    return pa.table(
        {
            "code_commune": pa.array(communes, pa.string()),
            "code_departement": pa.array(departements, pa.string()),
            "annee": pa.array([2023] * len(rows), pa.int32()),
            "filiere": pa.array([filiere] * len(rows), pa.string()),
            "energie_mwh": pa.array(
                [None if each is None else mwh_per_point * float(str(each)) for each in points], pa.float64()
            ),
            "nombre_points": pa.array(points, pa.int64()),
        }
    )


def hidden(table: pa.Table) -> dict[str, str]:
    return {row["code_commune"]: row["motif_secret"] for row in hidden_cells(table).to_pylist()}


def test_a_small_cell_goes_with_the_smallest_of_its_departement() -> None:
    table = cells(("69001", "69", 4), ("69002", "69", 12), ("69003", "69", 200), ("01001", "01", 15))
    assert hidden(table) == {"69001": "effectif", "69002": "complement"}


def test_ten_points_are_shown_and_nine_are_not() -> None:
    assert hidden(cells(("69001", "69", 10), ("69002", "69", 500))) == {}
    assert hidden(cells(("69001", "69", 9), ("69002", "69", 500))) == {"69001": "effectif", "69002": "complement"}


def test_a_commune_without_homes_is_neither_hidden_nor_a_protection() -> None:
    assert hidden(cells(("69001", "69", 0), ("69002", "69", 12))) == {}
    assert hidden(cells(("69001", "69", 3), ("69002", "69", 0), ("69003", "69", 40))) == {
        "69001": "effectif",
        "69003": "complement",
    }


def test_departements_years_and_networks_are_totals_of_their_own() -> None:
    electricity = cells(("69001", "69", 4), ("69002", "69", 12), ("01001", "01", 15))
    gas = cells(("69001", "69", 40), ("69002", "69", 50), filiere="Gaz")
    rows = hidden_cells(pa.concat_tables([electricity, gas])).to_pylist()
    assert {(row["code_commune"], row["filiere"]) for row in rows} == {
        ("69001", "Electricité"),
        ("69002", "Electricité"),
    }


@pytest.mark.parametrize(("mwh", "expected"), [(GAS_SHOWN_ABOVE_MWH, 2), (GAS_SHOWN_ABOVE_MWH + 1, 0)])
def test_gas_of_few_meters_is_shown_above_the_threshold_of_energy(mwh: float, expected: int) -> None:
    rows: tuple[Cell, ...] = (("69072", "69", 2), ("69002", "69", 400))
    assert len(hidden(cells(*rows, filiere="Gaz", mwh_per_point=mwh / 2))) == expected
    assert len(hidden(cells(*rows, mwh_per_point=mwh / 2))) == 2  # electricity has no such threshold


def test_what_the_publisher_hid_is_left_as_it_is() -> None:
    assert hidden(cells(("69001", "69", None), ("69002", "69", 12), ("69003", "69", 200))) == {}
    found = hidden(cells(("69001", "69", None), ("69002", "69", 4), ("69003", "69", 200)))
    assert found == {"69002": "effectif", "69003": "complement"}


def test_a_commune_whose_departement_is_unknown_is_protected_too() -> None:
    assert hidden(cells(("69001", None, 4), ("69002", None, 12))) == {"69001": "effectif", "69002": "complement"}


def test_an_energy_without_its_points_is_shown_and_protects_nothing() -> None:
    table = cells(("69001", "69", 4), ("69002", "69", None), ("69003", "69", 12))
    energy = pa.array([20.0, 999.0, 60.0])
    table = table.set_column(table.schema.get_field_index("energie_mwh"), "energie_mwh", energy)
    assert hidden(table) == {"69001": "effectif", "69003": "complement"}


def test_points_whose_energy_the_publisher_hid_count_as_hidden() -> None:
    table = cells(("69001", "69", 9), ("69002", "69", 30), ("69003", "69", 12))
    energy = pa.array([45.0, None, 60.0])
    table = table.set_column(table.schema.get_field_index("energie_mwh"), "energie_mwh", energy)
    assert hidden(table) == {"69001": "effectif"}


def test_without_rows_nothing_is_hidden() -> None:
    assert hidden_cells(cells()).num_rows == 0


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["01", "69"]), st.one_of(st.none(), st.integers(0, 40))), max_size=10),
    st.randoms(use_true_random=False),
)
def test_subtracting_what_is_shown_from_the_total_leaves_no_small_cell(
    drawn: list[tuple[str, int | None]], order: Any
) -> None:
    rows = [(f"{departement}{number:03d}", departement, points) for number, (departement, points) in enumerate(drawn)]
    found = hidden(cells(*rows))
    for wanted in ("01", "69"):
        own = {commune: points for commune, departement, points in rows if departement == wanted}
        assert all(commune in found for commune, points in own.items() if points is not None and 0 < points < FEWEST)
        gone = [points for commune, points in own.items() if commune in found or points is None]
        ours = [commune for commune in own if commune in found]
        could_hide_more = any(commune not in found and points for commune, points in own.items())
        if ours and could_hide_more:
            # The attack: the département's figure less every commune that is shown.
            remainder = sum(1 if points is None else points for points in gone)
            assert len(gone) > 1
            assert remainder >= FEWEST
    shuffled = list(rows)
    order.shuffle(shuffled)
    assert hidden(cells(*shuffled)) == found
