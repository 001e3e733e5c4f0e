"""What one changed value of real time costs, and no change at all, against the length of the history."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import (
    Row,
    Run,
    at_most,
    folder_environment,
    middle,
    rounds,
    run_once,
    sizes,
    verdict,
)
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.sample import generate

# Years of the synthetic history at scale 1, which ends where it always ends.
YEARS = 3

# Changed by its publisher every quarter of an hour.
REAL_TIME = "eco2mix-national-tr"

# Of the issue. The CPU is that of the process and its children, without the imports of the process.
MOST_CPU, MOST_GROWTH, MOST_BYTES_MB = 5, 1.2, 20
LONGEST_OF_TEN, LARGEST_OF_TEN_MB = 200, 2000

# What is kept of a long history: with every source it would take hours.
NATIONAL = (
    "consommation-quotidienne-brute",
    "eco2mix-national-cons-def",
    REAL_TIME,
    "stock-quotidien-stockages-gaz",
    "temperature-quotidienne-regionale",
)


@dataclass(frozen=True)
class Refreshes:
    """Refreshes of one lake.

    Attributes:
        years: length of the history.
        rows: of its files.
        first: the first load.
        news: after one changed value each.
        served_mb: size of the served file afterwards.
        nothing: without a change.
    """

    years: int
    rows: int
    first: Run
    news: Sequence[Run]
    served_mb: float
    nothing: Sequence[Run]


def refreshes(folder: Path, scale: int, only: Sequence[str] = (), number: int = 3) -> Refreshes:
    """Load a synthetic history, then change one value of real time and nothing, by turns.

    Args:
        folder: for files and lake; removed at the end.
        scale: how many times three years.
        only: data sets that are kept; none: all of them.
        number: of refreshes of each kind.
    """
    summary = generate(folder / "data", scale=scale)
    for file in summary.files:
        if only and file.dataset_id not in only:
            shutil.rmtree(file.path.parent, ignore_errors=True)
    (published,) = (file.path for file in summary.files if file.dataset_id == REAL_TIME)
    lake = folder / "lake"
    environment = folder_environment(lake, summary.destination)

    def refresh() -> Run:
        return run_once(["-m", "benchmarks.refresh", *only], environment)

    first = refresh()
    news, nothing = [], []
    for each in range(number):
        change_one_value(published, 40_000 + each)
        news.append(refresh())
        nothing.append(refresh())
        if not json.loads(news[-1].output)["fetched"] or json.loads(nothing[-1].output)["fetched"]:
            sys.exit("the changed value was not seen, or something was fetched without a change")
    served = LakePaths(lake).served_file.stat().st_size / 1e6
    rows = sum(file.rows for file in summary.files if not only or file.dataset_id in only)
    shutil.rmtree(folder)
    return Refreshes(YEARS * scale, rows, first, news, served, nothing)


def change_one_value(published: Path, value: int) -> None:
    """Give the newest measured quarter-hour of the real time another consumption, MW."""
    with published.open(encoding="utf-8", newline="") as stream:
        header, *lines = csv.reader(stream, delimiter=";")
    consumption, instant = header.index("Consommation (MW)"), header.index("Date - Heure")
    newest = max((line for line in lines if line[consumption]), key=lambda line: line[instant])
    newest[consumption] = str(value)
    with published.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";", lineterminator="\r\n").writerows([header, *lines])


def beyond_imports(runs: Sequence[Run]) -> float:
    """Return the median of the CPU-seconds of refreshes, imports left out."""
    return median(run.cpu - float(json.loads(run.output)["imports"]) for run in runs)


def rows(folder: Path) -> Iterator[Row]:
    """One changed value: the whole at scale 1, the national sources against the length of the history."""
    whole = refreshes(folder / "whole", 1, number=rounds(3))
    news = middle(whole.news)
    imports = median(json.loads(run.output)["imports"] for run in whole.news)
    yield (
        "One changed value of real time, every source, CPU beyond imports",
        f"{news.cpu:.1f} s, of which imports {imports:.1f} s; wall {news.wall:.1f} s",
        *at_most(beyond_imports(whole.news), MOST_CPU, "{:.1f} s"),
    )
    limit = whole.served_mb + MOST_BYTES_MB
    yield (
        "The same, written to disk",
        f"served file {whole.served_mb:,.0f} MB",
        f"{news.written_mb:,.0f} MB",
        verdict(f"≤ served file + {MOST_BYTES_MB} MB", ok=news.written_mb <= limit),
    )
    scales = sizes((1, 3, 10, 30))
    found = [refreshes(folder / f"national-{scale}", scale, NATIONAL, rounds(3)) for scale in scales]
    yield from _by_length("One changed value of real time, national sources", [(each, each.news) for each in found])
    yield from _by_length("Nothing changed, national sources", [(each, each.nothing) for each in found])


def growth(folder: Path) -> Iterator[Row]:
    """Every source: first load, one changed value and no change against the length of the history."""
    found = []
    for scale in sizes((1, 3, 10)):
        each = refreshes(folder / f"growth-{scale}", scale, number=rounds(3))
        found.append(each)
        is_long = scale == 10  # noqa: PLR2004 - the history of the issue
        yield (
            f"First load of {each.years} years of every source, {each.rows / 1e6:.1f} million rows",
            f"{each.first.wall:.0f} s ({each.first.cpu:.0f} CPU-s)",
            f"peak {each.first.peak_mb:,.0f} MB",
            verdict(
                f"≤ {LONGEST_OF_TEN} s, ≤ {LARGEST_OF_TEN_MB:,} MB",
                ok=each.first.wall <= LONGEST_OF_TEN and each.first.peak_mb <= LARGEST_OF_TEN_MB,
            )
            if is_long
            else "",
        )
    yield from _by_length("One changed value of real time, every source", [(each, each.news) for each in found])
    yield from _by_length("Nothing changed, every source", [(each, each.nothing) for each in found])


def _by_length(what: str, found: Sequence[tuple[Refreshes, Sequence[Run]]]) -> Iterator[Row]:
    """Yield the CPU beyond imports by years, the longest against the shortest."""
    spent = {each.years: beyond_imports(runs) for each, runs in found}
    shortest, longest = min(spent), max(spent)
    yield (
        f"{what}, {longest} years / {shortest} years, CPU beyond imports",
        ", ".join(f"{years} y {seconds:.2f} s" for years, seconds in spent.items()),
        *at_most(spent[longest] / spent[shortest], MOST_GROWTH),
    )
