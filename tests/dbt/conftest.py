"""Lakes for the tests of the dbt project."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from dataelec_assets.warehouse.dbt import NodeResult
from tests.dbt.lakes import BuiltLake, TinyLake
from tests.dbt.real import build_real_lake
from tests.once import once


@pytest.fixture(scope="session")
def _empty_lake(tmp_path_factory: pytest.TempPathFactory) -> TinyLake:
    return TinyLake(once(tmp_path_factory, "empty-lake", TinyLake.empty))


@pytest.fixture
def tiny_lake(_empty_lake: TinyLake, tmp_path: Path) -> TinyLake:
    """Return an empty lake, with every data set readable and no warehouse yet."""
    return _empty_lake.copy(tmp_path / "lake")


@pytest.fixture(scope="module")
def module_lake(_empty_lake: TinyLake, tmp_path_factory: pytest.TempPathFactory) -> TinyLake:
    """Return an empty lake of this file of tests, which is built once; tests that change it take a copy."""
    return _empty_lake.copy(tmp_path_factory.mktemp("module") / "lake")


@pytest.fixture
def built_lake(clean: TinyLake, tmp_path: Path) -> TinyLake:
    """Return a copy of what a file of tests has built once as ``clean``, ready to be spoiled."""
    return clean.copy(tmp_path / "lake")


@pytest.fixture(scope="session")
def real_lake(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltLake:
    """Return the whole warehouse of published files, built with its data tests; tests that change it take a copy."""

    def make(root: Path) -> None:
        results = build_real_lake(TinyLake.empty(root), real_data)
        content = {name: asdict(each) for name, each in results.items()}
        (root / "results.json").write_text(json.dumps(content), encoding="utf-8")

    # A copy for each process: DuckDB lets one in at a time.
    shared = TinyLake(once(tmp_path_factory, "real-lake", make))
    lake = shared.copy(tmp_path_factory.mktemp("real") / "lake")
    content = json.loads((lake.paths.root / "results.json").read_text(encoding="utf-8"))
    return BuiltLake(lake, {name: NodeResult(**each) for name, each in content.items()})
