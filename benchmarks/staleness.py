"""What a refresh costs when nothing or little has changed, against the length of the history."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread

from benchmarks.measure import folder_environment, run_once
from benchmarks.no_change import DATASETS, VERSION
from dataelec_assets.database import connect
from dataelec_assets.sample import generate
from dataelec_assets.sample.marker import MARKER

REGIONAL = "consommation-quotidienne-brute-regionale"

Row = tuple[str, str, float, float]


class _Metadata(BaseHTTPRequestHandler):
    """Answers every question with the same version of the data."""

    def do_GET(self) -> None:
        """Answer."""
        content = {"metas": {"default": {"data_processed": VERSION, "records_count": 1, "title": "x"}}, "fields": []}
        body = json.dumps({"dataset_id": self.path.rsplit("/", 1)[-1], **content}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _portal_without_news() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Metadata)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def no_change(folder: Path, histories: tuple[int, ...] = (1, 10, 100), rounds: int = 5) -> dict[int, float]:
    """Return the CPU-seconds of a refresh without news over 24 data sets, by years of history; imports left out."""
    with _portal_without_news() as url:
        command = [sys.executable, "-m", "benchmarks.no_change"]
        spent: dict[int, list[float]] = {years: [] for years in histories}
        for number in range(rounds + 1):
            for years in histories:
                found = subprocess.run(
                    [*command, str(folder / f"no-change-{years}"), url, str(years)],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
                if number:  # the first round makes the lakes
                    spent[years].append(float(found.stdout))
    return {years: median(each) for years, each in spent.items()}


def one_month(folder: Path, histories: tuple[int, ...] = (1, 10), rounds: int = 3) -> dict[int, float]:
    """Return the CPU-seconds of a whole refresh process after the revision of one month, by years of history."""
    spent = {}
    for years in histories:
        data, lake = folder / f"data-{years}", folder / f"revised-{years}"
        whole = folder / f"whole-{years}"
        generate(whole, years=years)
        (data / "odre").mkdir(parents=True)
        shutil.move(whole / "odre" / REGIONAL, data / "odre" / REGIONAL)
        shutil.copyfile(whole / MARKER, data / MARKER)
        shutil.rmtree(whole)
        (published,) = (data / "odre" / REGIONAL).iterdir()
        command, environment = ["-m", "benchmarks.refresh_large", REGIONAL], folder_environment(lake, data)
        run_once(command, environment)
        found = []
        for number in range(rounds):
            _revise_last(published, 4_000 + number)
            found.append(run_once(command, environment).cpu)
        spent[years] = median(found)
    return spent


def _revise_last(published: Path, value: int) -> None:
    """Give the newest half-hour another consumption."""
    draft = published.with_suffix(".revised")
    last = f"date_heure = (SELECT max(date_heure) FROM '{published}')"
    column = "consommation_brute_electricite_rte"
    with connect() as connection:
        select = f"SELECT * REPLACE (CASE WHEN {last} THEN {value} ELSE {column} END AS {column}) FROM '{published}'"
        connection.execute(f"COPY ({select}) TO '{draft}' (FORMAT parquet)")
    draft.replace(published)


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of the report."""

    def verdict(ratio: float, bound: float) -> tuple[str, str]:
        return f"× {ratio:.2f}", f"≤ {bound}: {'yes' if ratio <= bound else '**no**'}"

    costs = no_change(folder)
    first, last = min(costs), max(costs)
    words = ", ".join(f"{years} y {seconds:.3f} s" for years, seconds in costs.items())
    is_cheap = costs[first] < 0.5  # noqa: PLR2004 - the bound of the issue
    yield (
        f"Nothing has changed, {DATASETS} data sets, CPU beyond imports",
        words,
        f"{costs[first]:.3f} CPU-s",
        f"< 0.5: {'yes' if is_cheap else '**no**'}",
    )
    yield f"The same, {last} years / {first} year", words, *verdict(costs[last] / costs[first], 1.2)
    months = one_month(folder)
    words = ", ".join(f"{years} y {seconds:.1f} s" for years, seconds in months.items())
    yield (
        "One revised month of the regional half-hours, 10 years / 1 year, CPU",
        words,
        *verdict(months[10] / months[1], 1.5),
    )
