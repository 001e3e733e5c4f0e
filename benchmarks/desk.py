"""What a user has before them: a folder, a lake, a browser, a spreadsheet, Superset; for :mod:`benchmarks.tasks`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
from playwright.sync_api import Page, sync_playwright

from benchmarks.api import free_port

REPOSITORY = Path(__file__).resolve().parents[1]
# Milliseconds for a page, seconds for a program: the longest on a busy machine before a user would give up.
PATIENCE, LONGEST = 60_000, 600


class NotPlayed(Exception):
    """A task needs what is not installed here; the message says what."""


class TaskFailed(RuntimeError):
    """What a user came for is not there."""


@dataclass
class Desk:
    """What a user has before them.

    Attributes:
        folder: empty at first; files are downloaded into it.
        lake: with a publication, once there is one.
        closing: what to undo when every task is over.
    """

    folder: Path
    lake: Path
    closing: ExitStack = field(default_factory=ExitStack)

    def run(self, *command: str, folder: Path | None = None) -> str:
        """Run a program, in the folder of this desk unless another is given, and return what it prints.

        Raises:
            TaskFailed: it fails.
        """
        environment = {**os.environ, "DATAELEC_LAKE": str(self.lake), "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(
            command,
            cwd=folder or self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        if done.returncode:
            raise TaskFailed(f"{Path(command[0]).name} ended with {done.returncode}: {done.stdout} {done.stderr}")
        return done.stdout

    def dataelec(self, *arguments: str) -> str:
        """Run the command line."""
        return self.run(sys.executable, "-m", "dataelec_assets", *arguments)

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Ask the published file, as an analyst does."""
        with duckdb.connect(str(self.lake / "serving" / "dataelec.duckdb"), read_only=True) as connection:
            rows: list[dict[str, Any]] = connection.sql(sql).to_arrow_table().to_pylist()
        return rows

    @contextmanager
    def window(self) -> Iterator[Page]:
        """Open a window of Chromium."""
        names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None:
            raise NotPlayed("needs Chromium or Chrome on the path")
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []  # it has no sandbox for the superuser
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=found, args=flags)
            page = browser.new_page(viewport={"width": 1440, "height": 1200}, locale="fr-FR")
            page.set_default_timeout(PATIENCE)
            yield page
            browser.close()

    def report(self, name: str) -> str:
        """Return the address of a page of the report."""
        return (self.lake / "serving" / "rapport" / name).resolve().as_uri()

    @contextmanager
    def territory(self, text: str, result: str) -> Iterator[Page]:
        """Open the report in a browser, then the page of a territory by a search."""
        with self.window() as page:
            page.goto(self.report("territoires/index.html"))
            page.get_by_label("Chercher un territoire").fill(text)
            page.locator(".trouves a", has_text=result).first.click()
            page.locator("h1", has_text=result).wait_for()
            yield page


def check(met: object, words: str) -> None:
    """Raise TaskFailed with these words unless the condition is met."""
    if not met:
        raise TaskFailed(words)


class Sheet(HTMLParser):
    """The cells of a spreadsheet that LibreOffice has written as HTML: numbers as numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str | float]] = []
        self._is_number = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a row, or a cell."""
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            number = dict(attrs).get("sdval")
            self._is_number = number is not None
            self.rows[-1].append(float(number) if number else "")

    def handle_data(self, data: str) -> None:
        """Add to the text of a cell that is not a number."""
        if self.rows and self.rows[-1] and not self._is_number:
            self.rows[-1][-1] = f"{self.rows[-1][-1]}{data.strip()}"


def opened_in_calc(desk: Desk, path: Path, text_column: int | None = None) -> list[list[str | float]]:
    """Open a CSV in LibreOffice as a French user does, and return its cells.

    Args:
        desk: in whose folder it works.
        path: of the CSV.
        text_column: the one, counted from 1, that is made a text in the dialog.

    Raises:
        NotPlayed: LibreOffice is not installed.
    """
    soffice = shutil.which("soffice")
    if soffice is None:
        raise NotPlayed("needs LibreOffice (soffice on the path)")
    columns = f"{text_column}/2" if text_column else ""
    # Of the import dialog: semicolon, double quotes, UTF-8, from the first line, French, quoted cells are not all text.
    desk.run(
        soffice, f"-env:UserInstallation={(desk.folder / 'office').as_uri()}", "--headless",
        f"--infilter=CSV:59,34,76,1,{columns},1036,false,true", "--convert-to", "html",
        "--outdir", str(desk.folder), str(path),
    )  # fmt: skip
    sheet = Sheet()
    sheet.feed(path.with_suffix(".html").read_text(encoding="utf-8"))
    return sheet.rows


@contextmanager
def superset(desk: Desk) -> Iterator[tuple[str, str]]:
    """Run `make superset` without its installation; give the address and the password that it prints."""
    environment = Path(os.environ.get("SUPERSET", REPOSITORY / ".venv" / "superset"))
    if not (environment / "bin" / "python").exists():
        raise NotPlayed("needs Superset: `make superset` installs it, or SUPERSET names its environment")
    command = [
        sys.executable,
        "-m",
        "dataelec_assets.commands.superset",
        str(environment.absolute()),
        "--port",
        str(free_port()),
    ]
    values = {**os.environ, "DATAELEC_LAKE": str(desk.lake), "PYTHONPATH": str(REPOSITORY)}
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            command, cwd=desk.folder, env=values, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                if told := re.match(r"(http://\S+?)/dashboard/list/ .* password: (\S+)", line):
                    break
            else:
                log.seek(0)
                raise TaskFailed(log.read()[-1000:])
            yield told[1], told[2]
        finally:
            os.killpg(process.pid, signal.SIGINT)  # Ctrl-C
