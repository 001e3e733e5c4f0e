"""A small dbt project in the place of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import project
from tests.warehouse.small_project import SmallProject


@pytest.fixture
def small(tmp_path: Path, lake_paths: LakePaths, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    """Return a project that a test may edit, and its lake."""
    folder = tmp_path / "dbt"
    folder.mkdir()
    monkeypatch.setattr(project, "PROJECT_DIR", folder)
    return SmallProject(folder, lake_paths)
