"""What all tests share: the published files beside the checkout, and a lake of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dataelec_assets.lake.paths import LakePaths

REPOSITORY = Path(__file__).resolve().parents[1]
REAL_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of the published files; CI must have it, elsewhere the test is skipped."""
    if not (REAL_DATA / "manifest.json").exists():
        if os.environ.get("CI"):
            pytest.fail(f"{REAL_DATA} is missing: CI must provide the published files")
        pytest.skip("needs the published files in ../shared/data")
    return REAL_DATA


@pytest.fixture
def lake_paths(tmp_path: Path) -> LakePaths:
    """Return an empty lake."""
    return LakePaths(tmp_path / "lake")
