"""A good lake made once; each test gets a copy of it at the same place, and a portal of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataelec_assets.sample.portal import RunningPortal, serve
from tests.faults.france import SmallHouse, write_small_france


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the portals serve."""
    folder = tmp_path_factory.mktemp("faults")
    write_small_france(folder / "data", folder / "whole")
    return folder / "data"


@pytest.fixture
def portal(data: Path) -> Iterator[RunningPortal]:
    """Serve the data; what a test changes ends with it."""
    with serve(data) as running:
        yield running


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where every lake of these tests lies.

    One place for all: the views of a warehouse hold the path of their lake, and a copy elsewhere would read the
    original.
    """
    return tmp_path_factory.mktemp("lakes") / "lake"


@pytest.fixture(scope="session")
def pristine(data: Path, place: Path) -> Path:
    """Return a lake on which everything is loaded and served."""
    with serve(data) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(place / "dagster"))
        outcome = SmallHouse(place, running).refresh()
    assert outcome.exit_code == 0, outcome.sources
    kept = place.with_name("pristine")
    place.rename(kept)
    return kept


@pytest.fixture
def empty(place: Path, portal: RunningPortal, monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    """Return a house without a lake."""
    shutil.rmtree(place, ignore_errors=True)
    monkeypatch.setenv("DAGSTER_HOME", str(place / "dagster"))
    return SmallHouse(place, portal)


@pytest.fixture
def small(pristine: Path, empty: SmallHouse) -> SmallHouse:
    """Return a house whose lake is up to date and served."""
    shutil.copytree(pristine, empty.root, symlinks=True)
    return empty
