"""A file is read in the encodings and with the separators of spreadsheets, and refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports import lines
from dataelec_assets.ingest.imports.lines import read_lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_of_spreadsheets_are_read(
    tmp_path: Path, encoding: str, separator: str, ending: str
) -> None:
    path = tmp_path / "f.csv"
    rows = [["libellé", "valeur"], ["Forêt", '"1,5"'], ["", ""], ["Été", "2"]]
    path.write_bytes(ending.join(separator.join(row) for row in rows).encode(encoding))
    found = read_lines(path)
    assert found.headers == ("libellé", "valeur")
    assert [(line.number, line.cells) for line in found.lines] == [(2, ("Forêt", "1,5")), (4, ("Été", "2"))]


def test_a_line_keeps_the_number_that_an_editor_shows_after_a_text_of_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('a;b\n"un\ndeux";1\n2;3\n', encoding="utf-8")
    assert [(line.number, line.cells) for line in read_lines(path).lines] == [(2, ("un deux", "1")), (4, ("2", "3"))]


def test_what_a_terminal_would_obey_is_a_space(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a;b\n\x1b[31mrouge;1\n", encoding="utf-8")
    assert read_lines(path).lines[0].cells == ("[31mrouge", "1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "aucune ligne"),
        (b"a;b\n\n;\n", "aucune ligne"),
        (b'a;b\n1;2\n"3;4\n', "à partir de la ligne 3"),
        (b"\xd0\xcf\x11\xe0\x00\x00", "ni un CSV ni un classeur"),
        (b"PK\x03\x04 a zip of something else", "pas un classeur XLSX lisible"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=message) as error:
        read_lines(path)
    assert error.value.advice


def test_a_file_that_is_not_there_or_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileRefused, match="ne peut pas être lu"):
        read_lines(tmp_path / "f.csv")
    monkeypatch.setattr(lines, "MOST_LINES", 2)
    (tmp_path / "f.csv").write_text("a\n1\n2\n3\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="plus de 2 lignes"):
        read_lines(tmp_path / "f.csv")
