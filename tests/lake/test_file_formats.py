"""A published file is recognised from its first bytes and its headers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dataelec_assets.errors import ContractViolation, IncompleteExport, UnexpectedContent
from dataelec_assets.lake.file_formats import inspect, unknown_headers
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


def gas_csv(lines: int) -> str:
    """Return a file of gas with an accent in its last line only."""
    rows = [f"2019-03-{1 + number % 28:02d};{number}.5;Storengy;Est" for number in range(lines)]
    return "\n".join(["date;stock_fin_de_journee;source;pits", *rows, "2019-03-31;1;Teréga;Lussagnet"]) + "\n"


@pytest.mark.parametrize("lines", [3, 40_000])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_the_encoding_is_found_wherever_the_first_accent_stands(tmp_path: Path, lines: int, encoding: str) -> None:
    path = tmp_path / "gas.csv"
    path.write_bytes(gas_csv(lines).encode(encoding))
    assert (path.stat().st_size > 2**20) == (lines > 3)
    operators = read(GAS, path).column("source").to_pylist()
    assert set(operators) == {"Storengy", "Teréga"}
    assert operators.count("Teréga") == 1


@pytest.mark.parametrize("end", ["\r", "\n"], ids=["CR", "LF"])
@pytest.mark.parametrize("lines", [3, 40_000])
def test_one_bad_byte_in_a_utf_8_file_is_refused_with_its_line_and_no_accent_is_read_wrongly(
    tmp_path: Path, lines: int, end: str
) -> None:
    path = tmp_path / "gas.csv"
    text = gas_csv(lines) + "2019-04-01;1;Teréga;Lussagnet\n"
    path.write_bytes(text.replace("\n", end).encode().replace("Teréga".encode(), b"Ter\xe9ga", 1))
    with pytest.raises(ContractViolation, match=rf"1 byte\(s\) are not UTF-8.* 0xE9 of line {lines + 2} \[gas.csv\]"):
        inspect(GAS.id, path)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
def test_lines_may_end_in_any_way(tmp_path: Path, end: str) -> None:
    path = tmp_path / "gas.csv"
    path.write_bytes(gas_csv(3).replace("\n", end).encode())
    assert read(GAS, path).num_rows == 4
