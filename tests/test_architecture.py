"""The layers of `pyproject.toml` hold: arrows point downwards, in no circle, and only `defs/` imports Dagster."""

from __future__ import annotations

import tomllib

import pytest
from importlinter.cli import lint_imports

from dataelec_assets.packaged import PACKAGE, repository

PYPROJECT = repository("hold the tests") / "pyproject.toml"


def contracts() -> dict[str, dict[str, list[str]]]:
    settings = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {each["id"]: each for each in settings["contracts"]}


def test_arrows_point_downwards_without_a_circle(capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(PYPROJECT), no_cache=True)
    assert not broken, capsys.readouterr().out


def test_every_package_but_the_definitions_is_kept_from_dagster() -> None:
    packages = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    kept = {each.removeprefix("dataelec_assets.") for each in contracts()["dagster"]["source_modules"]}
    assert kept == packages - {"__init__", "defs"}


def test_the_modules_that_tests_must_cover_to_the_last_line_exist() -> None:
    settings = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["dataelec"]
    names = settings["covered_to_the_last_line"]
    assert len(names) >= 8
    assert [name for name in names if not (PYPROJECT.parent / name).is_file()] == []


def test_a_file_of_more_than_three_hundred_lines_says_why() -> None:
    root, long = PYPROJECT.parent, {}
    folders = ("dataelec_assets", "tests", "benchmarks", "dbt/models", "dbt/macros")
    for path in (each for folder in folders for each in (root / folder).rglob("*") if each.suffix in {".py", ".sql"}):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 300:
            long[path.relative_to(root).as_posix()] = "onger than 300 lines because" in text[:900]
    assert [name for name, is_explained in long.items() if not is_explained] == []
