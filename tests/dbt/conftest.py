"""Lakes for the tests of the dbt project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt.consumption import SELECT
from tests.dbt.lakes import REAL_FILES, RealLake, TinyLake


@pytest.fixture(scope="session")
def _session_lake(tmp_path_factory: pytest.TempPathFactory) -> TinyLake:
    return TinyLake(tmp_path_factory.mktemp("tiny-lake"))


@pytest.fixture
def tiny_lake(_session_lake: TinyLake) -> TinyLake:
    """Return an empty lake, with every data set readable and no warehouse yet."""
    _session_lake.clear()
    return _session_lake


@pytest.fixture(scope="session")
def real_lake(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RealLake:
    """Return the warehouse built with its data tests from the published files of consumption, weather and gas."""
    lake = TinyLake(tmp_path_factory.mktemp("real-lake"))
    lake.clear()
    for dataset_id, pattern in REAL_FILES.items():
        lake.read_published(dataset_id, sorted((real_data / "odre" / dataset_id).glob(pattern)))
    return RealLake(lake, lake.build(*SELECT))
