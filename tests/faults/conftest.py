"""A good lake made once; each test gets a copy of it at the same place, and a portal of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.faults.france import Known, Machine, Pristine, SmallLake, write_small_france
from tests.once import once
from tests.published import serving
from tests.stubs import Stub


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of what the portal serves."""

    def make(folder: Path) -> None:
        write_small_france(folder / "data", folder / "whole")

    return once(tmp_path_factory, "small-france", make) / "data"


@pytest.fixture
def portal(data: Path) -> Iterator[Stub]:
    """Serve the data; what a test changes ends with it."""
    with serving(data) as running:
        yield running


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where every lake of these tests lies.

    One place for all: Dagster's home of the first lake stays that of the process, so the others must lie there too.
    """
    return tmp_path_factory.mktemp("lakes") / "lake"


@pytest.fixture(scope="session")
def pristine(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    """Return a lake on which everything is loaded and served; it is copied, never written to."""

    def make(folder: Path) -> None:
        with serving(data) as running:
            small = SmallLake(folder / "lake", running)
            seconds = small.refresh_apart(Machine({"TZ": "UTC"}))
            about = {"known": asdict(Known.of(small)), "seconds": seconds}
        (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")

    folder = once(tmp_path_factory, "small-lake", make)
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return Pristine(folder / "lake", Known(**about["known"]), about["seconds"])


@pytest.fixture
def empty(place: Path, portal: Stub, monkeypatch: pytest.MonkeyPatch) -> SmallLake:
    """Return a run context without a lake."""
    shutil.rmtree(place, ignore_errors=True)
    monkeypatch.setenv("DAGSTER_HOME", str(place / "dagster"))
    return SmallLake(place, portal)


@pytest.fixture
def small(pristine: Pristine, empty: SmallLake) -> SmallLake:
    """Return a run context whose lake is up to date and served."""
    pristine.restore(empty.root)
    return empty
