"""Columns are found under the headers that people write; a file about persons is refused whole, without a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports.columns import COLUMNS, layout_of
from tests.ingest.imports.support import CELLS, HEADER, line, lines_of


def test_headers_are_known_without_accents_capitals_and_order(tmp_path: Path) -> None:
    header = (
        "SOURCE;Valeur;ANNÉE;Nature;Unité de mesure;libelle indicateur;Code_Indicateur;Maille;CODGEO;nom_territoire"
    )
    found = layout_of("f", lines_of(tmp_path, ";".join("abcdefghij"), header=header), ())
    assert [found.places[name] for name in COLUMNS] == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert found.ignored == ("nom_territoire",)


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    header = HEADER.replace("unité", "mesure").replace(";source", ";provenance")
    with pytest.raises(FileRefused, match=r"colonne « unite », « source ».*mesure.*provenance"):
        layout_of("f", lines_of(tmp_path, line(), header=header), ())


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="plusieurs colonnes « annee » : année, millésime"):
        layout_of("f", lines_of(tmp_path, f"{line()};2024", header=f"{HEADER};millésime"), ())


@pytest.mark.parametrize(
    "header",
    ["nom", "Prénom", "adresse", "E-mail", "tel_mobile", "Date de naissance", "locataire", "Contact", "identite"],
)
def test_a_column_about_persons_refuses_the_file(tmp_path: Path, header: str) -> None:
    with pytest.raises(FileRefused, match=f"refusé en entier.*{header}") as error:
        layout_of("f", lines_of(tmp_path, f"{line()};Claire Martin", header=f"{HEADER};{header}"), {"identite"})
    assert "Claire" not in str(error.value)


@pytest.mark.parametrize("column", [*CELLS, "remarque"])
@pytest.mark.parametrize("text", ["claire.martin@exemple.fr", "appeler le 06 12 34 56 78"])
def test_a_contact_in_any_cell_refuses_the_file_and_is_not_shown(tmp_path: Path, column: str, text: str) -> None:
    header = HEADER if column in CELLS else f"{HEADER};{column}"
    wrong = line(**{column: text}) if column in CELLS else f"{line()};{text}"
    with pytest.raises(FileRefused, match=f"colonne « {column} » contient") as error:
        layout_of("f", lines_of(tmp_path, line(), wrong, header=header), ())
    assert text not in str(error.value)


@pytest.mark.parametrize("header", ["nom_commune", "Nom du territoire", "adresse_territoire", "remarque"])
def test_columns_about_territories_are_left_out_and_named(tmp_path: Path, header: str) -> None:
    found = layout_of("f", lines_of(tmp_path, f"{line()};Bordeaux", header=f"{HEADER};{header}"), ())
    assert found.ignored == (header,)
