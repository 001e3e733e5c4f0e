"""The wheel: everything that runs outside a checkout is in it, and nothing else."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from dataelec_assets import packaged
from dataelec_assets.errors import SettingsError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import parse
from dataelec_assets.warehouse.prepare import prepare
from dataelec_assets.warehouse.project import project_digest

ROOT = packaged.repository("build a wheel")
# Of the linter of SQL: no table has another shape without them.
LINTER = {"dbt/.sqlfluff", "dbt/.sqlfluffignore"}


def tracked(*folders: str) -> set[str]:
    """Return the files that git tracks or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name for name in listed if (ROOT / name).exists()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of the files of a wheel that is built from this checkout as it is."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_it_holds_every_file_of_the_dbt_project_and_of_the_package_and_nothing_else(wheel: set[str]) -> None:
    project = {name.replace("dbt/", "dataelec_assets/dbt_project/", 1) for name in tracked("dbt") - LINTER}
    assert len(project) > 300
    beside = {"dataelec_assets/workspace.yaml", "dataelec_assets/dagster.yaml"}
    parsed, empty = prepare(), f"empty-{project_digest()[:16]}"
    (templates,) = (each.name for each in parsed.glob("templates-*.bin"))
    made = ("manifest.json", "manifest.pickle", f"{empty}/warehouse.duckdb", f"{empty}/results.json", templates)
    beside |= {f"dataelec_assets/dbt_project/target/{parsed.name}/{name}" for name in made}
    assert wheel == project | tracked("dataelec_assets") | beside


def test_in_a_checkout_the_project_and_the_workspace_are_at_the_top() -> None:
    assert not packaged.IS_INSTALLED
    assert packaged.DBT_PROJECT == ROOT / "dbt"
    assert packaged.WORKSPACE == ROOT / "workspace.yaml"
    assert packaged.DAGSTER_INSTANCE == ROOT / "dagster.yaml"


def test_an_installed_package_is_not_written_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(packaged, "IS_INSTALLED", True)
    assert parse._own_places(LakePaths(tmp_path)) == (tmp_path / "dbt",)
    with pytest.raises(SettingsError, match="Only a checkout of the repository can add a data set"):
        packaged.repository("add a data set")
