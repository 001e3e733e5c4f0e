"""What all tests share: the published files beside the checkout, and a lake of their own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from dataelec_assets.collector import collect_rarely
from dataelec_assets.lake.paths import LakePaths
from tests.memory_disk import MEMORY, place

collect_rarely()

REPOSITORY = Path(__file__).resolve().parents[1]
REAL_DATA = REPOSITORY.parent / "shared" / "data"


# Files that share what is made once per process run in the same one.
_OF_REAL_FILES = ("consumption", "mix", "prevision", "relations", "thermosensibilite", "yearly")
TOGETHER = {
    **dict.fromkeys((f"tests/dbt/test_real_{name}.py" for name in _OF_REAL_FILES), "the warehouse of the real files"),
    **dict.fromkeys(
        (f"tests/serving/test_{name}.py" for name in ("report", "in_a_browser", "interaction")), "the report"
    ),
    "tests/e2e/test_only_what_is_stale.py": "the refresh of the real files",
    "tests/e2e/test_real_files.py": "the refresh of the real files",
    "tests/e2e/test_report_of_real_files.py": "the refresh of the real files",
}

# They take minutes, so they begin before all others, the longest one first.
LONGEST = (
    *("tests/e2e/test_dagster_ui.py", "tests/e2e/test_only_what_is_stale.py", "tests/e2e/test_real_files.py"),
    *("tests/faults/test_kill.py", "tests/e2e/test_revisions.py", "tests/faults/test_quarantine.py"),
)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives each file of tests to one process, and files that share something to the same."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return TOGETHER.get(file, file)


def pytest_configure(config: pytest.Config) -> None:
    """Keep the folders of the tests in memory, unless told where to keep them."""
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        config.option.basetemp = place()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Free the memory when there is nothing to look at."""
    folder = Path(session.config.option.basetemp or "")
    is_ours = folder.parent == MEMORY and folder.exists()  # it is only made for a test that asks for one
    if not exitstatus and not hasattr(session.config, "workerinput") and is_ours:
        shutil.rmtree(folder)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share tests out by file."""
    return ByFile(config, log)


# Fixtures behind which dbt builds, Dagster runs, pages are drawn, a browser opens them or published files are read.
BUILDING = {
    "real_data",
    "tiny_lake",
    "module_lake",
    "real_lake",
    "small",
    "pristine",
    "loaded",
    "bare",
    "reported",
    "chromium",
}


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Put the longest files first, slow ones and those that build next: no process ends long after the others.

    `make test-quick` leaves out what is marked.
    """
    first = {REPOSITORY / name: rank - len(LONGEST) for rank, name in enumerate(LONGEST)}
    for item in items:
        if BUILDING & {*item.fixturenames}:
            item.add_marker("build")
        rank = next((rank for rank, name in enumerate(("slow", "build")) if item.get_closest_marker(name)), 2)
        first[item.path] = min(first.get(item.path, 2), rank)
    items.sort(key=lambda item: first[item.path])


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of the published files; CI must have it, elsewhere the test is skipped."""
    if not (REAL_DATA / "manifest.json").exists():
        if os.environ.get("CI"):
            pytest.fail(f"{REAL_DATA} is missing: CI must provide the published files")
        pytest.skip("needs the published files in ../shared/data")
    return REAL_DATA


@pytest.fixture(scope="session", autouse=True)
def _as_wide_as_the_reader() -> None:
    """Forget the terminal's width, which xdist hands to its processes: what a test reads is not broken into lines."""
    os.environ.pop("COLUMNS", None)


@pytest.fixture
def lake_paths(tmp_path: Path) -> LakePaths:
    """Return an empty lake."""
    return LakePaths(tmp_path / "lake")
