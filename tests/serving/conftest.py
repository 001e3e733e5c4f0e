"""One small report for all tests: made once, read by all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from dataelec_assets.run_context import RunContext
from dataelec_assets.serving.report import Report, make_report
from dataelec_assets.settings import Settings
from tests.serving.served import write_served
from tests.serving.shown import Show, Shown


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunContext, Report]:
    """Return a run context whose served file has invented rows, and its report."""
    ctx = RunContext(Settings(lake=tmp_path_factory.mktemp("report") / "lake"))
    write_served(ctx.paths.served_file)
    return ctx, make_report(ctx)


@pytest.fixture(scope="session")
def pages(reported: tuple[RunContext, Report]) -> dict[str, str]:
    """Return the pages of the small report by name."""
    return {name: (reported[1].path / name).read_text(encoding="utf-8") for name in reported[1].pages}


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the browser; continuous integration must have one, elsewhere the test is skipped."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium: .ci/run installs it, so the image has changed.")
        pytest.skip("needs Chromium or Chrome on the path")
    return Path(found)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """Return an open browser."""
    # Chromium has no sandbox for the superuser, who runs tests in containers.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(chromium), args=flags)
        yield opened
        opened.close()


@pytest.fixture
def show(browser: Browser, reported: tuple[RunContext, Report]) -> Iterator[Show]:
    """Return what opens a page of the small report by its name, in a window that is closed after the test."""
    opened: list[Shown] = []

    def open_page(name: str, *arguments: object, **options: object) -> Shown:
        opened.append(Shown(browser, reported[1].path / f"{name}.html", *arguments, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()
