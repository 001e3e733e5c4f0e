"""The composition of EPCI that INSEE published for 2024, against a plain reading of the same workbook."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.dbt.lakes import TinyLake
from tests.dbt.territories import COMMUNES, EPCI

pytestmark = pytest.mark.real

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sizes(book: Path) -> dict[str, int]:
    """Return how many communes each EPCI has, as the other sheet of the workbook says (NB_COM)."""
    with zipfile.ZipFile(book) as archive:
        shared = ["".join(each.itertext()) for each in ET.fromstring(archive.read("xl/sharedStrings.xml"))]  # noqa: S314
        rows = ET.fromstring(archive.read("xl/worksheets/sheet1.xml")).iter(f"{_MAIN}row")  # noqa: S314 - a file of INSEE
        cells = [[each.findtext(f"{_MAIN}v") for each in row] for row in rows]
    # Six lines of titles and names; the last line is empty.
    return {shared[int(row[0] or 0)]: int(row[3] or 0) for row in cells[6:] if row[0]}


def test_every_commune_has_the_epci_that_insee_says(real_data: Path, tiny_lake: TinyLake) -> None:
    shared = real_data.parent
    book = shared / "data-new" / "insee" / "epci" / "EPCI_au_01-01-2024.xlsx"
    folder = shared / "data-more" / "insee" / "code-officiel-geographique"
    tiny_lake.read_whole(COMMUNES, "2024", folder / "v_commune_2024.csv")
    tiny_lake.read_whole(EPCI, "2024", book)
    tiny_lake.make("+dim_commune", "+dim_epci", "+mart_composition_epci")
    said = sizes(book)
    assert said.pop("ZZZZZZZZZ") == 4
    assert dict(tiny_lake.query("SELECT code_epci, nombre_communes FROM dim_epci")) == said
    assert Counter(said.values()).total() == 1_255
    assert tiny_lake.query(
        "SELECT code_commune FROM dim_commune WHERE est_active AND code_epci IS NULL ORDER BY 1"
    ) == [("22016",), ("29083",), ("29155",), ("85113",)]
    # Grand Paris is one EPCI: its territorial bodies are none.
    assert tiny_lake.query(
        "SELECT nom_epci, nombre_communes, derniere_edition FROM dim_epci WHERE code_epci = '200054781'"
    ) == [("Métropole du Grand Paris", 131, 2024)]
    assert tiny_lake.query("SELECT count(*), count(code_epci) FROM mart_composition_epci") == [(34_935, 34_931)]
