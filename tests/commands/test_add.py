"""`dataelec add` drafts three files in a checkout, and never overwrites one."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dataelec_assets import packaged
from dataelec_assets.cli import app
from dataelec_assets.commands import add

SAMPLE = "Date;Code INSEE région;Pic (MW)\n2024-01-01;11;8123\n2024-01-01;84;9321\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the top of an empty checkout, and a sample beside it; what derives from the files is not written."""

    def generated(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        assert command[1:] == ["-m", "dataelec_assets.generate"]
        assert options["cwd"] == tmp_path / "checkout"
        fault = "error: a fault" if (tmp_path / "broken").exists() else ""
        return subprocess.CompletedProcess(command, int(bool(fault)), "", fault)

    monkeypatch.setattr(subprocess, "run", generated)
    monkeypatch.setattr(add, "repository", lambda _: tmp_path / "checkout")
    (tmp_path / "sample.csv").write_text(SAMPLE, encoding="utf-8")
    return tmp_path / "checkout"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["add", *arguments])
    return result.exit_code, result.stdout + result.stderr


def test_three_files_are_written_once(checkout: Path) -> None:
    sample = str(checkout.parent / "sample.csv")
    code, said = run("odre", "pic-regional", "--sample", sample)
    assert code == 0, said
    files = {path.relative_to(checkout).as_posix() for path in checkout.rglob("*") if path.is_file()}
    assert files == {
        "dataelec_assets/catalog/entries/pic_regional.py",
        "dbt/models/staging/odre/stg_odre__pic_regional.yml",
        "tests/fixtures/odre/pic-regional/pic-regional.csv",
    }
    assert "guesses to confirm" in said
    assert "refresh --from tests/fixtures --source pic-regional" in said
    entry = checkout / "dataelec_assets" / "catalog" / "entries" / "pic_regional.py"
    entry.write_text("edited", encoding="utf-8")
    code, said = run("odre", "pic-regional", "--sample", sample)
    assert code == 1
    assert "pic_regional.py exists" in said
    assert entry.read_text(encoding="utf-8") == "edited"


@pytest.mark.parametrize(
    ("portal", "dataset", "message"),
    [
        ("rtee", "pic-regional", "Unknown portal 'rtee'"),
        ("odre", "Pic régional", "is not an identifier"),
        ("odre", "eco2mix-national-tr", "is in the catalogue"),
        ("insee", "pic-regional", "give it with --sample"),
    ],
)
@pytest.mark.usefixtures("checkout")
def test_what_cannot_be_added_is_said(portal: str, dataset: str, message: str) -> None:
    code, said = run(portal, dataset)
    assert code == 2
    assert message in said


def test_a_draft_that_does_not_load_is_reported_without_a_traceback(checkout: Path) -> None:
    (checkout.parent / "broken").touch()
    code, said = run("odre", "pic-regional", "--sample", str(checkout.parent / "sample.csv"))
    assert code == 1
    assert "error: a fault" in said
    assert "Traceback" not in said


def test_an_installed_package_cannot_be_added_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "IS_INSTALLED", True)
    code, said = run("odre", "pic-regional")
    assert code == 1
    assert "Only a checkout of the repository can add a data set" in said
