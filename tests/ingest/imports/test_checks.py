"""Each line is accepted or refused by itself, with line, column, value, reason and advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.ingest.imports import checks
from tests.ingest.imports.support import HEADER, examined, line


def test_a_good_line_is_read_with_the_code_of_its_owner(tmp_path: Path) -> None:
    (found,) = examined(tmp_path, line(valeur="1 234,5", unité="Habitants", nature="Effectif")).accepted
    assert (found.number, found.code, found.label) == (2, "imp_moi__arbres", "Arbres plantés")
    assert (found.unit, found.nature, found.source) == ("hab", "effectif", "Espaces verts")
    assert (found.grain, found.place, found.year) == ("commune", "33063", 2024)
    assert (found.value, found.marker) == (1234.5, None)


@pytest.mark.parametrize(
    ("cells", "column", "reason", "advice"),
    [
        ({"code": "33064"}, "code", "de 2026", "33063 (Bordeaux)"),
        ({"code": "33010"}, "code", "Coupée n'existe plus", "communes actuelles"),
        ({"code": "33009", "nature": "taux"}, "code", "Ambarès fait aujourd'hui partie de 33281", "33281 (Mérignac)"),
        ({"code": "75101"}, "code", "arrondissement", "75056"),
        ({"code": "99", "maille": "departement"}, "code", "maille departement", "Vérifiez"),
        ({"maille": "crte"}, "maille", "inconnue", "commune, epci"),
        ({"maille": ""}, "maille", "inconnue", "commune, epci"),
        ({"nature": "somme"}, "nature", "inconnue", "effectif, taux"),
        ({"unité": "%"}, "nature", "ne s'additionnent pas", "taux"),
        ({"unité": "kWh/hab"}, "nature", "ne s'additionnent pas", "taux"),
        ({"unité": ""}, "unite", "vide", "Remplissez"),
        ({"libellé": "=HYPERLINK(1)"}, "libelle", "formule", "lettre"),
        ({"source": "@SOMME(1)"}, "source", "formule", "lettre"),
        ({"indicateur": "-1+1"}, "indicateur", "formule", "lettre"),
        ({"indicateur": "…"}, "indicateur", "ni lettre ni chiffre", "logements_vacants"),
        ({"indicateur": "x" * 80}, "indicateur", "plus de 80", "Raccourcissez"),
        ({"libellé": "x" * 301}, "libelle", "plus de 300", "Raccourcissez"),
        ({"année": "24"}, "annee", "quatre chiffres", "2024"),
        ({"année": "2027"}, "annee", "à venir", "Retirez"),
        ({"année": "1875"}, "annee", "1876", "Vérifiez"),
        ({"valeur": "douze"}, "valeur", "pas un nombre", "s s'il est secret"),
        ({"valeur": "=1+1"}, "valeur", "formule", "Collez les valeurs"),
        ({"valeur": "#DIV/0!"}, "valeur", "calculer", "formule"),
        ({"valeur": "-1"}, "valeur", "négatif", "nature"),
    ],
)
def test_a_wrong_line_is_refused_alone_with_what_to_do(
    tmp_path: Path, cells: dict[str, str], column: str, reason: str, advice: str
) -> None:
    found = examined(tmp_path, line(code="33281"), line(**cells), line(code="33318"))
    assert [each.number for each in found.accepted] == [2, 4]
    (refusal,) = found.refused
    assert (refusal.line, refusal.column) == (3, column)
    assert reason in refusal.reason
    assert advice in refusal.advice
    assert len(refusal.value) <= 60


@pytest.mark.parametrize(("column", "other"), [("libellé", "Autre"), ("unité", "ha"), ("source", "B")])
def test_an_indicator_has_one_label_unit_and_source(tmp_path: Path, column: str, other: str) -> None:
    found = examined(tmp_path, line(), line(code="33281", **{column: other}), line(code="33281", indicateur="b"))
    assert [each.line for each in found.refused] == [3]
    assert "la ligne 2 donne" in found.refused[0].reason


def test_an_indicator_has_one_nature(tmp_path: Path) -> None:
    found = examined(tmp_path, line(), line(code="33281", nature="indice"))
    assert [(each.line, each.column) for each in found.refused] == [(3, "nature")]


def test_of_equal_lines_one_is_kept_and_of_contradictory_ones_none(tmp_path: Path) -> None:
    equal = [line(), line(valeur="12,0")]
    contrary = [line(code="33281"), line(code="33281", valeur="13"), line(code="33281", valeur="s")]
    found = examined(tmp_path, *equal, *contrary)
    assert [each.number for each in found.accepted] == [2]
    assert [each.line for each in found.refused] == [3, 4, 5, 6]
    assert "la ligne 2 donne la même valeur" in found.refused[0].reason
    assert "la ligne 5 donne une autre valeur" in found.refused[1].reason


def test_codes_get_their_zeros_back_and_grains_have_their_usual_names(tmp_path: Path) -> None:
    found = examined(
        tmp_path,
        line(code="1001"),
        line(code="1", maille="Départements"),
        line(code="75", maille="Région"),
        line(code="", maille="France"),
        line(code="243 300 316", maille="EPCI"),
    )
    assert [(each.grain, each.place) for each in found.accepted] == [
        *[("commune", "01001"), ("departement", "01"), ("region", "75"), ("nation", "FR"), ("epci", "243300316")]
    ]
    assert found.remarks[0].startswith("3 code(s)")


def test_the_count_of_an_ended_commune_is_kept_and_told(tmp_path: Path) -> None:
    found = examined(tmp_path, line(code="33009"))
    assert [each.place for each in found.accepted] == ["33009"]
    assert found.remarks == (
        "33009 : Ambarès fait aujourd'hui partie de 33281 (Mérignac), où son effectif est compté.",
    )


def test_what_is_read_otherwise_or_not_at_all_is_told(tmp_path: Path) -> None:
    found = examined(tmp_path, f"{line(unité='Habitants', valeur='12')};x", header=f"{HEADER};remarque")
    assert found.remarks == ("L'unité « Habitants » est servie comme « hab ».", "Colonnes non chargées : remarque.")


def test_a_line_with_a_separator_too_many_is_refused(tmp_path: Path) -> None:
    (refusal,) = examined(tmp_path, f"{line()};x", line()).refused
    assert "10 cellules pour 9 en-têtes" in refusal.reason


def test_a_line_that_ends_early_has_empty_cells(tmp_path: Path) -> None:
    (refusal,) = examined(tmp_path, "33063;commune;arbres").refused
    assert (refusal.column, refusal.reason) == ("libelle", "la cellule est vide")


def test_the_nearest_code_is_sought_for_the_first_wrong_ones_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_SOUGHT", 1)
    found = examined(tmp_path, line(code="33064"), line(code="33065"), line(code="33064", année="2023"))
    assert [each.advice.split()[0] for each in found.refused] == ["Le", "Vérifiez", "Le"]
