"""Small counts of persons and homes refuse a file, shown or found by subtraction."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports.secrecy import refuse_small_cells
from tests.ingest.imports.support import PLACES, examined, line


def tried(folder: Path, *lines: str) -> None:
    found = examined(folder, *lines)
    assert found.refused == ()
    refuse_small_cells("f", found.accepted, PLACES)


@pytest.mark.parametrize("value", ["1", "9", "9,9"])
def test_one_to_nine_persons_refuse_the_file_and_the_line_is_named(tmp_path: Path, value: str) -> None:
    with pytest.raises(FileRefused, match=r"refusé en entier.*ligne 3\)") as error:
        tried(tmp_path, line(unité="logements", valeur="40"), line(code="33281", unité="logements", valeur=value))
    assert f" {value} " not in str(error.value)


@pytest.mark.parametrize("value", ["0", "10", "s", ""])
def test_none_ten_and_what_is_hidden_are_kept(tmp_path: Path, value: str) -> None:
    tried(tmp_path, line(unité="logements", valeur=value))


def test_few_trees_and_low_rates_are_kept(tmp_path: Path) -> None:
    tried(tmp_path, line(valeur="3"), line(indicateur="b", unité="% des logements", nature="taux", valeur="2"))


TOTAL = {"code": "33", "maille": "departement", "unité": "hab", "valeur": "105"}
SHOWN = line(unité="hab", valeur="60"), line(code="33281", unité="hab", valeur="40")


@pytest.mark.parametrize("hidden", [[line(code="33318", unité="hab", valeur="s")], []])
def test_a_total_that_gives_away_what_is_hidden_refuses_the_file(tmp_path: Path, hidden: list[str]) -> None:
    with pytest.raises(FileRefused, match=r"un total.*ligne 4\)"):
        tried(tmp_path, *SHOWN, line(**TOTAL), *hidden)


def test_a_total_that_leaves_ten_or_whose_parts_are_all_shown_is_kept(tmp_path: Path) -> None:
    hidden = line(code="33318", unité="hab", valeur="s")
    tried(tmp_path, *SHOWN, line(**{**TOTAL, "valeur": "110"}), hidden)
    tried(tmp_path, *SHOWN, line(**TOTAL), line(code="33318", unité="hab", valeur="0"))
    tried(tmp_path, *SHOWN, line(**{**TOTAL, "valeur": "s"}), hidden)
