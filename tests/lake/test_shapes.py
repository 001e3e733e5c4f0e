"""What a published file is, told from its first bytes and its headers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dataelec_assets.errors import IncompleteExport, UnexpectedContent
from dataelec_assets.lake.shapes import inspect, unknown_headers
from tests.lake.test_reading import GAS, TEMPERATURE, TEMPERATURE_CSV, read, write


def test_html_is_no_data(tmp_path: Path) -> None:
    with pytest.raises(UnexpectedContent, match="HTML"):
        inspect(GAS.id, write(tmp_path, "<html>maintenance</html>"))


def test_a_json_error_is_no_data(tmp_path: Path) -> None:
    with pytest.raises(UnexpectedContent, match="InternalServerError"):
        inspect(GAS.id, write(tmp_path, '{"error_code":"InternalServerError"}'))


def test_an_empty_file_is_incomplete(tmp_path: Path) -> None:
    with pytest.raises(IncompleteExport, match="empty"):
        inspect(GAS.id, write(tmp_path, "\ufeff\n"))


def test_a_new_column_is_reported_and_not_loaded(tmp_path: Path) -> None:
    path = write(tmp_path, TEMPERATURE_CSV.replace("tmoy\n", "tmoy;vent\n").replace("8.7\n", "8.7;3\n"))
    assert unknown_headers(TEMPERATURE, inspect(TEMPERATURE.id, path)) == ("vent",)
    assert "vent" not in read(TEMPERATURE, path).column_names


def test_a_personal_column_is_known_and_not_loaded(tmp_path: Path) -> None:
    dataset = replace(TEMPERATURE, personal=("Contact opérateur",))
    header = TEMPERATURE_CSV.replace("tmoy\n", "tmoy;contact_operateur\n")
    path = write(tmp_path, header.replace("8.7\n", "8.7;c.martin@exemple.fr\n"))
    assert unknown_headers(dataset, inspect(dataset.id, path)) == ()
    assert "exemple" not in str(read(dataset, path).to_pylist())
