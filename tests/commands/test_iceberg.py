"""What ``dataelec iceberg`` says when it cannot begin."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app


def said(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["iceberg", *arguments])
    assert done.stdout == ""
    return done.exit_code, " ".join(done.stderr.split())


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    for name in [each for each in sys.modules if each.startswith("dataelec_assets.export.iceberg")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ["pyiceberg", *(each for each in sys.modules if each.startswith("pyiceberg."))]:
        monkeypatch.setitem(sys.modules, name, None)


def test_without_the_library_it_says_which_extra_to_install() -> None:
    code, words = said()
    assert code == 1
    assert words == (
        "error: `dataelec iceberg` needs pyiceberg, which is not installed. "
        "Run `pip install 'dataelec-assets[iceberg]'`."
    )


def test_the_address_of_the_catalogue_is_checked_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("mysql://moi:s3cret@serveur/base", "postgresql://moi:s3cret@[::1", "postgresql:///s3cret"):
        monkeypatch.setenv("DATAELEC_ICEBERG", address)
        code, words = said()
        assert code == 1
        assert (
            "DATAELEC_ICEBERG: not the address of a PostgreSQL database, such as postgresql://user@host:5432/base"
            in words
        )
        assert "s3cret" not in words


def test_a_lake_in_a_bucket_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", "s3://seau/lac")
    code, words = said()
    assert code == 1
    assert words.startswith("error: s3://seau/lac is a bucket: only the files of a lake in a folder can be registered.")


def test_no_publication_at_all_cannot_be_kept() -> None:
    assert said("--keep", "0")[0] == 2
