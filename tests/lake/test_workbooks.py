"""Workbooks: the sheet that holds the rows, below its titles, as INSEE writes it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from dataelec_assets import xlsx
from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation, DataElecError, UnexpectedContent
from dataelec_assets.lake import workbooks
from dataelec_assets.lake.file_formats import inspect
from tests.portals.folder.support import lake_of
from tests.reading import read_table

CATALOG = load_catalog()
EPCI = CATALOG["intercommunalites-composition"]
HEADER = ("CODGEO", "LIBGEO", "EPCI", "LIBEPCI", "DEP", "REG")
ROWS = (
    ("1001", "L'Abergement & Cie", "200069193", "CC <de> la Dombes", "01", "84"),
    ("29083", "Île-de-Sein", "ZZZZZZZZZ", "Sans objet", "29", "53"),
)
TITLES = (("Composition",), ("",), ("Code géographique", "Libellé"), HEADER)

# Of a program for spreadsheets: shared texts, empty cells left out, numbers, a line of empty cells at the end.
SHARED = ("CODGEO", "LIBGEO", "EPCI", "LIBEPCI", "DEP", "REG", "01001", "200069193", "CC")
SHEET = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>'
    '<c r="D1" t="s"><v>3</v></c><c r="E1" t="s"><v>4</v></c><c r="F1" t="s"><v>5</v></c></row>'
    '<row r="2"><c r="A2" t="s"><v>6</v></c><c r="C2"><v>200069193</v></c><c r="D2" t="s"><v>8</v></c>'
    '<c r="E2"><v>1</v></c></row><row r="3"><c r="A3" s="16"/><c r="F3" s="16"/></row>'
)


def workbook(path: Path, rows: tuple[tuple[str, ...], ...] = (*TITLES, *ROWS), sheet: str = "") -> Path:
    xlsx.write(path, sheet or str(EPCI.sheet), rows)
    return path


def read(path: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = read_table(connect(), EPCI, inspect(EPCI.id, path)).to_pylist()
    return rows


def test_rows_below_the_titles_are_read_by_contract(tmp_path: Path) -> None:
    first, second = read(workbook(tmp_path / "book.xlsx"))
    assert first == dict(zip(EPCI.column_names, ("01001", *ROWS[0][1:]), strict=True))
    assert second["epci"] == "ZZZZZZZZZ"


def test_shared_texts_numbers_and_cells_that_are_left_out(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    texts = "".join(f"<si><r><t>{text[:2]}</t></r><r><t>{text[2:]}</t></r></si>" for text in SHARED)
    parts = {
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{texts}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{SHEET}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()} | parts
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    (row,) = read(path)
    assert (row["codgeo"], row["libgeo"], row["epci"], row["dep"], row["reg"]) == (
        "01001",
        None,
        "200069193",
        "01",
        None,
    )


@pytest.mark.parametrize(
    ("rows", "sheet", "kind", "words"),
    [
        ((*TITLES, *ROWS), "EPCI", UnexpectedContent, "no sheet 'Composition_communale'; it has EPCI"),
        ((*TITLES[:-1], *ROWS), "", ContractViolation, "names of the columns codgeo"),
        ((*TITLES, ROWS[0], ("01002", "B", "", "", "", "")), "", ContractViolation, "epci"),
    ],
)
def test_a_workbook_that_is_not_as_promised_is_refused_in_words(
    tmp_path: Path, rows: tuple[tuple[str, ...], ...], sheet: str, kind: type[DataElecError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        read(workbook(tmp_path / "book.xlsx", rows, sheet))


@pytest.mark.parametrize("damage", ["cut", "no part", "bad xml"])
def test_a_damaged_workbook_is_told(tmp_path: Path, damage: str) -> None:
    path = workbook(tmp_path / "book.xlsx")
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-60])
    else:
        with zipfile.ZipFile(path) as book:
            parts = {name: book.read(name) for name in book.namelist()}
        parts["xl/worksheets/sheet1.xml"] = b"<worksheet><row>"
        if damage == "no part":
            del parts["xl/workbook.xml"]
        with zipfile.ZipFile(path, "w") as book:
            for name, content in parts.items():
                book.writestr(name, content)
    with pytest.raises(UnexpectedContent, match="workbook cannot be read"):
        read(path)


def test_a_part_that_is_too_large_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "book.xlsx", (*TITLES, *[(*ROWS[0][:1], "x" * 999, *ROWS[0][2:])] * 9))
    monkeypatch.setattr(workbooks, "LARGEST_REPLY", 5_000)
    with pytest.raises(UnexpectedContent, match="larger than 5,000 bytes"):
        read(path)


def test_an_archive_where_no_workbook_is_expected_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx")
    with pytest.raises(UnexpectedContent, match="a zip archive"):
        read_table(connect(), replace(EPCI, sheet=None), inspect(EPCI.id, path))


@pytest.mark.parametrize("name", ["EPCI_au_01-01-2024.xlsx", "epci_au_01-01-2027.xlsx", "epci_au_01-01-2026.zip"])
def test_workbooks_of_a_folder_are_editions(tmp_path: Path, name: str) -> None:
    lake = lake_of(tmp_path / "data", tmp_path / "lake")
    book = workbook(tmp_path / "book.xlsx")
    content = book.read_bytes()
    if name.endswith(".zip"):
        packed = tmp_path / "packed.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(book, "EPCI_au_01-01-2026.xlsx")
        content = packed.read_bytes()
    lake.put(name, content, portal="insee", dataset="any")
    report = lake.refresh(EPCI.id)
    assert (report.error, report.changed) == (None, [name[-9:-5] if name.endswith("x") else "2026"])
    assert lake.rows("count(*)", EPCI.id) == [(2,)]


@pytest.mark.real
def test_insees_workbook_of_2024_holds_every_commune(real_data: Path) -> None:
    path = real_data.parent / "data-new" / "insee" / "epci" / "EPCI_au_01-01-2024.xlsx"
    rows = read(path)
    assert len(rows) == 34_935
    assert len({row["epci"] for row in rows}) == 1_255 + 1
    assert [row["codgeo"] for row in rows if row["epci"] == "ZZZZZZZZZ"] == ["22016", "29083", "29155", "85113"]
    paris = [row for row in rows if row["epci"] == "200054781"]
    assert (len(paris), paris[0]["libepci"]) == (131, "Métropole du Grand Paris")
