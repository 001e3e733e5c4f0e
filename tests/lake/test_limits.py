"""Lines and headers that no publisher writes: refused with the limit and what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.reading import load
from dataelec_assets.limits import LONGEST_LINE

GAS = "stock-quotidien-stockages-gaz"
HEADER = "date;stock_fin_de_journee;source;pits"
ROW = "2019-03-01;1.5;Storengy;Est"


def read(path: Path, text: str) -> int:
    path.write_text(text, encoding="utf-8")
    return load(connect(), load_catalog()[GAS], inspect(GAS, path), "arrival").rows


def test_a_line_of_the_longest_length_is_read_and_a_longer_one_told_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "gas.csv"
    lines = [HEADER, ROW, "2019-03-02;1.5;Storengy;"]
    assert read(path, "\n".join([*lines[:2], lines[2] + "x" * 1_000_000]) + "\n") == 2
    with pytest.raises(ContractViolation, match=rf"{GAS}: .*line 3 is longer than {LONGEST_LINE:,} bytes.*gas\.csv"):
        read(path, "\n".join([*lines[:2], lines[2] + "x" * LONGEST_LINE]) + "\n")


def test_a_quote_that_nobody_closes_is_told_as_such(tmp_path: Path) -> None:
    opened = f'{HEADER}\n{ROW[:-3]}"Est\n'
    for rows in (1, LONGEST_LINE // len(ROW)):
        with pytest.raises(ContractViolation, match=r"line 2 opens a quote that is never closed"):
            read(tmp_path / "gas.csv", opened + f"{ROW}\n" * rows)


@pytest.mark.parametrize(("row", "words"), [(f"{ROW};x", "more"), (ROW[:-4], "fewer")])
def test_a_line_with_other_fields_than_its_header_is_told_with_its_number(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(ContractViolation, match=f"line 3 has {words} than the 4 fields of its header"):
        read(tmp_path / "gas.csv", f"{HEADER}\n{ROW}\n{row}\n")


def test_more_columns_than_any_table_has_are_told(tmp_path: Path) -> None:
    more = "".join(f";x{number}" for number in range(2_000))
    with pytest.raises(ContractViolation, match=r"it has 2,004 columns; 2,000 at most"):
        read(tmp_path / "gas.csv", f"{HEADER}{more}\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_names_that_fill_more_than_their_line_may_are_told(tmp_path: Path, end: str) -> None:
    with pytest.raises(ContractViolation, match="the names of the columns, is longer than 65,536 bytes"):
        read(tmp_path / "gas.csv", f"{HEADER};{'x' * 70_000}{end}{ROW}{end}")


def test_a_first_line_of_names_that_cannot_be_split_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContractViolation, match="its first line does not hold the names of the columns"):
        read(tmp_path / "gas.csv", f"{HEADER}\r{ROW}\n{ROW}\n")


@pytest.mark.parametrize("letters", ["ïndex", "\ufffdx", "\ufeff\ufeffx"])
def test_a_header_that_begins_with_a_byte_of_the_byte_order_mark_is_read(tmp_path: Path, letters: str) -> None:
    assert read(tmp_path / "gas.csv", f"{letters};{HEADER}\nx;{ROW}\n") == 1
