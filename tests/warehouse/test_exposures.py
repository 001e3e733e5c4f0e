"""Exposures say what the report and the API read, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from dataelec_assets.generate import exposures
from dataelec_assets.packaged import PACKAGE
from dataelec_assets.warehouse import project
from dataelec_assets.warehouse.dictionary import table_docs
from dataelec_assets.warehouse.exposures import Exposure, exposures_yaml, tables_read_by

SERVED = {table.name for table in table_docs()}


def test_every_exposure_names_served_tables() -> None:
    tables = {each.name: set(each.tables) for each in exposures()}
    assert tables["fichier_publie"] == SERVED
    assert {"mart_mix_periode", "mart_thermosensibilite"} <= tables["rapport"] < SERVED
    assert {"fct_indicateur", "mart_mix_jour"} <= tables["api"] < SERVED


def test_a_table_whose_name_is_completed_by_python_stands_for_all_that_begin_so(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text('f"SELECT 1 FROM mart_question_{name} JOIN dim_region"\n# fct_absente\n')
    assert tables_read_by(tmp_path, ["mart_question_un", "mart_question_deux", "dim_region", "mart_mix_jour"]) == {
        "mart_question_un",
        "mart_question_deux",
        "dim_region",
    }


@pytest.mark.parametrize("place", ["report", "api"])
def test_a_table_that_is_no_longer_read_leaves_the_exposure(place: str, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE / "serving" / place, tmp_path / place)
    before = tables_read_by(tmp_path / place, SERVED)
    for path in (tmp_path / place).rglob("*.py"):
        path.write_text(path.read_text(encoding="utf-8").replace("mart_degres_jours", "mart_autre"), encoding="utf-8")
    assert before - tables_read_by(tmp_path / place, SERVED) == {"mart_degres_jours"}


def test_the_text_is_what_dbt_reads() -> None:
    text = exposures_yaml([Exposure("api", "API", "application", "L'API", ["mart_b", "mart_a"])])
    (content,) = yaml.safe_load(text)["exposures"]
    assert content["depends_on"] == ["ref('mart_a')", "ref('mart_b')"]
    assert (content["name"], content["type"], content["owner"]) == ("api", "application", {"name": "DataElec"})


def test_a_new_reader_does_not_rebuild_the_tables_but_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    for name in ("dbt_project.yml", "semantic.yml"):
        (tmp_path / name).write_text("name: petit\n", encoding="utf-8")
    monkeypatch.setattr(project, "PROJECT_DIR", tmp_path)
    shaping, parsed = project.project_digest(), project.definitions_digest()
    (tmp_path / "models" / "exposures.yml").write_text("version: 2\n", encoding="utf-8")
    assert project.project_digest() == shaping
    assert project.definitions_digest() != parsed
