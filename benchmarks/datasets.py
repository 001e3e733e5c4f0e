"""Nothing changed, and Dagster's definitions, against the number of data sets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Row, Run, at_most, folder_environment, rounds, run_once, sizes
from benchmarks.news import beyond_imports
from benchmarks.refresh import COPIED, copies
from dataelec_assets.catalog import load_catalog
from dataelec_assets.sample import generate
from dataelec_assets.sample.marker import MARKER

NUMBERS = (10, 30, 100)

# Ten times as many data sets may cost ten times what one data set costs, and not more.
ONE_BY_ONE = 1.2


def rows(folder: Path) -> Iterator[Row]:
    """Ask for copies of one data set of a year, by turns; of the others nothing is there."""
    numbers = sizes(NUMBERS)
    whole = generate(folder / "whole", years=1).destination
    dataset = load_catalog()[COPIED]
    (published,) = (whole / dataset.portal / COPIED).iterdir()
    data = folder / "data"
    for each in copies(max(numbers)):
        target = data / dataset.portal / each / published.name.replace(COPIED, each)
        target.parent.mkdir(parents=True)
        shutil.copyfile(published, target)
    shutil.copyfile(whole / MARKER, data / MARKER)
    shutil.rmtree(whole)

    def ask(number: int, *more: str) -> Run:
        return run_once(
            ["-m", "benchmarks.refresh", "--copies", str(number), *more], folder_environment(folder / str(number), data)
        )

    for number in numbers:
        ask(number)
    runs: dict[int, list[Run]] = {number: [] for number in numbers}
    definitions: dict[int, list[Run]] = {number: [] for number in (0, max(numbers))}
    for _ in range(rounds(5)):
        for number, found in runs.items():
            found.append(ask(number))
        for number, found in definitions.items():
            found.append(ask(number, "--definitions"))
    nothing = {number: beyond_imports(each) for number, each in runs.items()}
    yield _row("Nothing changed, by number of data sets, CPU beyond imports", nothing)
    known = len(load_catalog())
    yield _row(
        "Dagster's definitions, by number of data sets, CPU beyond imports",
        {known + number: beyond_imports(each) for number, each in definitions.items()},
    )


def _row(what: str, spent: dict[int, float]) -> Row:
    few, many = min(spent), max(spent)
    words = ", ".join(f"{number}: {seconds:.2f} s" for number, seconds in spent.items())
    result: tuple[str, str] = at_most(spent[many] / spent[few], ONE_BY_ONE * many / few)
    return (what, words, *result)
