"""An empty folder, and a lake that is refreshed from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.portals.folder.support import FolderLake, lake_of


@pytest.fixture
def lake(tmp_path: Path) -> FolderLake:
    """Return an empty folder with an empty lake beside it."""
    return lake_of(tmp_path / "data", tmp_path / "lake")
