"""The command writes the file, reports what it did not treat, and shows neither a value nor a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app

FIRST, SECOND = (bytes(range(start, start + 32)).hex() for start in (1, 101))


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file with one column to treat and one that will be forgotten."""
    monkeypatch.setenv("DATAELEC_PSEUDONYM_KEY", f"k2:{SECOND}")
    monkeypatch.setenv("DATAELEC_PSEUDONYM_OLD_KEYS", f"k1:{FIRST}")
    path = tmp_path / "abonnes.csv"
    path.write_text("nom;remarque\nClaire Martin;06 12 34 56 78\n", encoding="utf-8")
    return path


def test_the_file_appears_beside_its_source_and_the_report_names_what_was_left(source: Path) -> None:
    result = CliRunner().invoke(app, ["pseudonymise", str(source), "--columns", "nom"])
    assert result.exit_code == 0
    assert source.with_name("abonnes.pseudonymised.csv").read_text(encoding="utf-8").startswith("nom;remarque\nk2:")
    for expected in (
        "nom",
        "1 row(s)",
        "key k2",
        "'remarque' looks personal",
        "1 value(s) with an e-mail address or a telephone number",
    ):
        assert expected in result.output
    for secret in ("Claire", "06 12", FIRST, SECOND):
        assert secret not in result.output


def test_an_older_key_joins_with_files_of_before_the_rotation(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = source.with_name("joined.csv")
    arguments = ["pseudonymise", str(source), "--columns", "nom=personne", "--to", str(target)]
    assert CliRunner().invoke(app, [*arguments, "--key", "k1"]).exit_code == 0
    monkeypatch.setenv("DATAELEC_PSEUDONYM_KEY", f"k1:{FIRST}")
    monkeypatch.delenv("DATAELEC_PSEUDONYM_OLD_KEYS")
    before = target.read_bytes()
    target.unlink()
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert target.read_bytes() == before
    report = json.loads(result.stdout)
    assert (report["file"], report["rows"], report["key"]) == (str(target), 1, "k1")
    assert report["treated"] == [
        {"name": "nom", "field": "personne", "values": 1, "distinct": 1, "is_estimated": False}
    ]
    assert report["suspects"] == [{"name": "remarque", "has_personal_name": False, "personal_values": 1}]


def test_without_a_key_nothing_is_written(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATAELEC_PSEUDONYM_KEY")
    result = CliRunner().invoke(app, ["pseudonymise", str(source), "--columns", "nom"])
    assert result.exit_code == 1
    assert "DATAELEC_PSEUDONYM_KEY is not set" in result.output
    assert list(source.parent.iterdir()) == [source]


@pytest.mark.parametrize("columns", ["", "nom,", "nom,nom", "=x"])
def test_columns_that_cannot_be_read_are_refused(source: Path, columns: str) -> None:
    result = CliRunner().invoke(app, ["pseudonymise", str(source), "--columns", columns])
    assert result.exit_code == 2
    assert "nom,tel_contact=telephone" in result.output
