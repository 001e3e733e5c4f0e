"""Sheets of a workbook by name, in the order of the tabs, whichever part of the archive holds them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from dataelec_assets import xlsx


def test_sheets_are_found_by_name_in_the_order_of_the_tabs(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    xlsx.write(path, "Notes & sources", [["a", "b"], ["", "<c>"]])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        "<sheets>", '<sheets><sheet name="Données" sheetId="2" r:id="rId9"/>'
    )
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        '<Relationship Id="rId9" Type="x" Target="/xl/worksheets/../worksheets/sheet9.xml"/></Relationships>',
    )
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    with zipfile.ZipFile(path) as book:
        assert xlsx.sheets(book) == {
            "Données": "xl/worksheets/sheet9.xml",
            "Notes & sources": "xl/worksheets/sheet1.xml",
        }
        assert list(xlsx.rows(book, "xl/worksheets/sheet1.xml")) == [(1, ["a", "b"]), (2, ["", "<c>"])]
        with pytest.raises(xlsx.DAMAGED):
            list(xlsx.rows(book, "xl/worksheets/sheet9.xml"))


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        xlsx.write(tmp_path / name, "feuille", [["01001", "Été"]])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
