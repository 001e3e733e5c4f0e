"""A workbook is read as spreadsheets write it, and nothing in it is run."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from dataelec_assets import xlsx
from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports import workbook
from dataelec_assets.ingest.imports.lines import read_lines
from dataelec_assets.ingest.imports.workbook import sheet_rows

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def with_sheet(path: Path, rows: str, texts: str = "", before: str = "") -> Path:
    """Return a workbook whose sheet has these rows, in the elements of the format."""
    xlsx.write(path, "indicateurs", [["x"]])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = f"{before}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
    parts["xl/sharedStrings.xml"] = f"<sst {MAIN}>{texts}</sst>"
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path


def test_what_is_written_is_read_again_and_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    rows = [["code", "libellé"], ["01001", "Été <& 'été'"], ["", "x"]]
    xlsx.write(tmp_path / "a.xlsx", "indicateurs", rows)
    xlsx.write(tmp_path / "b.xlsx", "indicateurs", rows)
    assert [cells for _, cells in sheet_rows(tmp_path / "a.xlsx")] == rows
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_cells_are_read_in_every_form_of_the_format(tmp_path: Path) -> None:
    path = with_sheet(
        tmp_path / "f.xlsx",
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row>'
        '<row r="5"><c r="A5"><v>33063.0</v></c><c r="B5"><v>2.024E3</v></c><c r="C5"><v>31.5</v></c></row>'
        '<row r="6"><c r="A6" t="str"><f>A1&amp;"x"</f><v>calculé</v></c><c r="B6"><f>1+1</f></c>'
        '<c r="C6" t="e"><v>#DIV/0!</v></c></row>'
        '<row><c><v>1</v></c><c t="b"><v>1</v></c></row>',
        "<si><t>code</t></si><si><r><t>li</t></r><r><t>bellé</t></r><rPh><t>phonétique</t></rPh></si>",
    )
    assert list(sheet_rows(path)) == [
        (2, ["code", "", "libellé"]),
        (5, ["33063", "2024", "31.5"]),
        (6, ["calculé", "=1+1", "#DIV/0!"]),
        (7, ["1", "1"]),
    ]
    assert [line.number for line in read_lines(path).lines] == [5, 6, 7]


def test_a_stray_cell_far_to_the_right_makes_no_long_line(tmp_path: Path) -> None:
    path = with_sheet(tmp_path / "f.xlsx", '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>')
    assert list(sheet_rows(path)) == [(1, ["1"])]


def test_a_workbook_that_would_grow_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    path = with_sheet(tmp_path / "f.xlsx", '<row><c t="str"><v>&b;</v></c></row>', before=laughs)
    with pytest.raises(FileRefused, match="pas un classeur XLSX lisible"):
        list(sheet_rows(path))
    monkeypatch.setattr(workbook, "MOST_BYTES", 1_000)
    with pytest.raises(FileRefused, match="trop grand"):
        list(sheet_rows(with_sheet(tmp_path / "g.xlsx", "")))
