"""The command says what becomes of each line and keeps nothing of a file that it refuses; nothing is built here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dataelec_assets.cli import app
from tests.ingest.imports.support import HEADER, line, write_places, written


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a lake with a publication that knows a few territories."""
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("COLUMNS", "250")
    write_places(tmp_path / "lake" / "serving" / "dataelec.duckdb")
    return tmp_path / "lake"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["import-indicators", *map(str, arguments)])


def tried(path: Path, *arguments: str) -> Result:
    return run(path, "--owner", "Ville", "--dry-run", *arguments)


def is_untouched(lake: Path) -> bool:
    return [each.name for each in lake.iterdir()] == ["serving"]


def test_a_dry_run_lists_refused_lines_and_keeps_nothing(lake: Path, tmp_path: Path) -> None:
    path = written(tmp_path, line(), line(code="33064"), line(code="33281", valeur="douze"))
    result = tried(path)
    assert result.exit_code == 4
    assert "aucun territoire de maille commune n'a ce code" in result.output
    assert "Le plus proche est 33063 (Bordeaux)." in result.output
    assert "1 ligne(s) acceptée(s) sur 3, 1 indicateur(s) ; essai seulement, rien n'est gardé." in result.output
    assert is_untouched(lake)


def test_a_file_without_fault_ends_well_and_json_holds_everything(lake: Path, tmp_path: Path) -> None:
    path = written(tmp_path, line(), line(code="33009"))
    assert tried(path).exit_code == 0
    report = json.loads(tried(written(tmp_path, line(), line(code="x")), "--json", "--name", "Arbres").stdout)
    assert (report["name"], report["owner"], report["accepted"]) == ("ville__arbres", "Ville", 1)
    assert report["indicators"] == ["imp_ville__arbres"]
    assert [(each["line"], each["column"], each["value"]) for each in report["refused"]] == [(3, "code", "x")]
    assert is_untouched(lake)


@pytest.mark.parametrize(
    ("lines", "header", "message"),
    [
        ([f"{line()};Claire Martin"], f"{HEADER};prénom", "paraît décrire des personnes"),
        ([line(source="claire@exemple.fr")], HEADER, "adresse électronique"),
        ([line(unité="logements", valeur="3")], HEADER, "moins de 10 personnes ou logements"),
        ([line()], HEADER.replace("valeur", "x"), "pas de colonne « valeur »"),
    ],
)
def test_what_is_refused_whole_leaves_nothing_in_the_lake(
    lake: Path, tmp_path: Path, lines: list[str], header: str, message: str
) -> None:
    result = run(written(tmp_path, *lines, header=header), "--owner", "Ville")
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Claire" not in result.output + result.stderr
    assert is_untouched(lake)


def test_a_file_without_a_good_line_fails_and_says_why(lake: Path, tmp_path: Path) -> None:
    result = run(written(tmp_path, line(code="x")), "--owner", "Ville")
    assert result.exit_code == 1
    assert "Aucune des 1 lignes n'est acceptée : rien n'est gardé." in result.output
    assert is_untouched(lake)


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        ([], "Rien à faire", 2),
        (["--list", "--withdraw", "x"], "Rien à faire, ou trop", 2),
        (["f.csv"], "--owner", 2),
        (["--withdraw", "x"], "Aucun import en vigueur", 1),
        (["f.csv", "--owner", "INSEE"], "publie déjà", 1),
        (["f.csv", "--owner", "Ville"], "ne peut pas être lu", 1),
    ],
)
def test_what_cannot_be_done_is_said(lake: Path, arguments: list[str], message: str, code: int) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert lake.exists()


def test_without_imports_the_list_is_empty_and_no_file_is_made(lake: Path) -> None:
    result = run("--list", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert is_untouched(lake)


def test_a_template_is_written_where_it_is_asked_for(lake: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "xlsx"):
        result = run("--template", tmp_path / f"modele.{suffix}")
        assert (result.exit_code, result.stdout.strip()) == (0, str(tmp_path / f"modele.{suffix}"))
    assert is_untouched(lake)
