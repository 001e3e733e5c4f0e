"""The template can be imported as it is, whatever its form."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports.checks import examine
from dataelec_assets.ingest.imports.columns import layout_of
from dataelec_assets.ingest.imports.lines import read_lines
from dataelec_assets.ingest.imports.template import write_template
from tests.ingest.imports.support import PLACES


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_every_line_of_a_template_is_accepted(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"modele{suffix}"
    write_template(path)
    lines = read_lines(path)
    found = examine(lines, layout_of(path.name, lines, ()), PLACES, "moi", 2026)
    assert found.refused == ()
    assert [each.value for each in found.accepted] == [1250.0, None, 31.5]


def test_a_template_replaces_no_file_and_has_one_of_two_forms(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(FileRefused, match="existe déjà"):
        write_template(tmp_path / "a.csv")
    with pytest.raises(FileRefused, match=r"ni un \.csv ni un \.xlsx"):
        write_template(tmp_path / "a.ods")
