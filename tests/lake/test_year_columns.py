"""Files with a column for each year give the same rows as files with a row for each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import CatalogError, Dataset, YearsInColumns, load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.file_formats import inspect, unknown_headers
from dataelec_assets.lake.partition_index import contract_digest
from dataelec_assets.lake.year_columns import year_headers
from tests.reading import read_table

WIDE = """codgeo;libgeo;variable;libelle_variable;sous_champ;libelle_sous_champ;type_var;unite;no_ind;A2020;A2021;A2022
1;Ain;bio;Surface;;;effectif;ha;3;"1 234,5";;
33;Gironde;bio;Surface;;;effectif;ha;3;nd; ;7
"""
LONG = """CODGEO,LIBGEO,VARIABLE,lib_variable,sous-champ,lib_sous_champ,type_variable,Unité,no_ind,Année,Valeur
33,Gironde,bio,Surface,,,effectif,ha,3,2022,7
1,Ain,bio,Surface,,,effectif,ha,3,2020,"1 234,5"
33,Gironde,bio,Surface,,,effectif,ha,3,2020,nd
33,Gironde,bio,Surface,,,effectif,ha,3,2021,
"""


@pytest.fixture
def dataset() -> Dataset:
    """Return the entry of the indicators of the départements."""
    return load_catalog()["indicateurs-odd-departements"]


def read(dataset: Dataset, folder: Path, text: str) -> list[dict[str, Any]]:
    """Return the rows of a file that holds ``text``."""
    file = folder / "ODD_DEP.csv"
    file.write_text(text, encoding="utf-8")
    raw = inspect(dataset.id, file)
    assert unknown_headers(dataset, raw) == ()
    rows: list[dict[str, Any]] = read_table(connect(), dataset, raw).to_pylist()
    return rows


def test_years_in_columns_and_years_in_rows_give_the_same_rows(dataset: Dataset, tmp_path: Path) -> None:
    rows = read(dataset, tmp_path, WIDE)
    assert [(row["codgeo"], row["annee"], row["valeur"]) for row in rows] == [
        ("1", 2020, "1 234,5"),
        # A marker is an unknown value; an empty cell is not a row.
        ("33", 2020, "nd"),
        ("33", 2022, "7"),
    ]
    assert read(dataset, tmp_path, LONG) == rows


def test_the_layout_of_insee_is_read_and_a_variable_of_two_indicators_has_a_row_under_each(
    dataset: Dataset, tmp_path: Path
) -> None:
    """Newest year first, texts quoted, cp1252, CRLF; codes in capitals and in small letters are two variables."""
    header = "codgeo;libgeo;no_indic;ODD1;Cible1;ODD2;Cible2;type_var;variable;sous_champ;A2021;A2020;A1954"
    lines = [
        ";".join(f'"{name}"' for name in header.split(";")),
        '"75";"Île";"i021";"3";"3";"11";"11";"c";"pop";"";12;;',
        '"75";"Île";"i017";"3";"3";"";"";"c";"pop";"";12;;-3.25',
        '"75";"Île";"i006";"1";"1.2";"";"";"c";"Eff_Tot";"f";7;;',
        '"75";"Île";"i006";"1";"1.2";"";"";"i";"eff_tot";"f";;8;',
    ]
    file = tmp_path / "ODD_DEP.csv"
    file.write_bytes("".join(f"{line}\r\n" for line in lines).encode("cp1252"))
    raw = inspect(dataset.id, file)
    assert unknown_headers(dataset, raw) == ()
    names = ("libgeo", "no_indic", "type_var", "variable", "sous_champ", "annee", "valeur", "unite")
    rows = read_table(connect(), dataset, raw).to_pylist()
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("Île", "i006", "c", "Eff_Tot", "f", 2021, "7", None),
        ("Île", "i006", "i", "eff_tot", "f", 2020, "8", None),
        ("Île", "i017", "c", "pop", None, 1954, "-3.25", None),
        ("Île", "i017", "c", "pop", None, 2021, "12", None),
        ("Île", "i021", "c", "pop", None, 2021, "12", None),
    ]
    # A row is found by its key: nothing is there twice.
    assert len({tuple(row[name] for name in dataset.key) for row in rows}) == len(rows)


def test_a_file_with_neither_years_nor_a_value_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    file = tmp_path / "ODD_DEP.csv"
    file.write_text(WIDE.replace(";A20", ";X20"), encoding="utf-8")
    with pytest.raises(ContractViolation, match=r"column 'annee' is missing; the file has .*X2020"):
        read_table(connect(), dataset, inspect(dataset.id, file))


def test_a_year_that_is_none_is_refused_with_its_value(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ContractViolation, match=r"'annee' holds 1 value.* such as '20x2'"):
        read(dataset, tmp_path, LONG.replace("2022", "20x2"))


def test_headers_that_only_look_like_years_are_new_columns(dataset: Dataset, tmp_path: Path) -> None:
    file = tmp_path / "ODD_DEP.csv"
    file.write_text(WIDE.replace("A2021", "A2021_provisoire").replace("A2022", "a2022"), encoding="utf-8")
    raw = inspect(dataset.id, file)
    assert unknown_headers(dataset, raw) == ("A2021_provisoire",)
    assert {row["annee"] for row in read_table(connect(), dataset, raw).to_pylist()} == {2020, 2022}


def test_an_entry_says_where_the_years_go(dataset: Dataset) -> None:
    with pytest.raises(CatalogError, match="must hold"):
        YearsInColumns("A2020", year="annee", value="valeur")
    with pytest.raises(CatalogError, match="years_in_columns names unknown column 'an'"):
        replace(dataset, years_in_columns=YearsInColumns("A{annee}", year="an", value="valeur"))
    with pytest.raises(CatalogError, match="a year that is an int and a value that is a text"):
        replace(dataset, years_in_columns=YearsInColumns("A{annee}", year="valeur", value="annee"))


def test_what_the_headers_of_years_are_is_part_of_the_contract(dataset: Dataset) -> None:
    other = replace(dataset, years_in_columns=YearsInColumns("AN{annee}", year="annee", value="valeur"))
    assert contract_digest(other) != contract_digest(dataset)


def test_a_data_set_without_years_in_its_headers_has_none(dataset: Dataset) -> None:
    assert year_headers(dataset, ("A2020", "CODGEO")) == {"A2020": 2020}
    assert year_headers(replace(dataset, years_in_columns=None), ("A2020", "CODGEO")) == {}
