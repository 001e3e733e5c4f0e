"""What a user waits for: commands in which nothing is refreshed, and Dagster's definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import Row, Run, at_most, folder_environment, middle, rounds, run_once
from dataelec_assets.catalog import load_catalog
from dataelec_assets.sample import generate

# Of the issue, on a quiet machine: seconds of wall; for the definitions CPU-seconds.
NOTHING_CHANGED, STATUS, HELP, DEFINITIONS = 0.8, 0.6, 0.25, 5

COMMANDS: dict[str, Sequence[str]] = {
    "nothing": ["-m", "dataelec_assets", "refresh", "--quiet"],
    "status": ["-m", "dataelec_assets", "status"],
    "help": ["-m", "dataelec_assets", "--help"],
    "python": ["-c", "pass"],
    "definitions": ["-m", "dagster", "definitions", "validate"],
    "stock": ["-m", "dagster", "definitions", "validate", "-m", "benchmarks.no_definitions"],
}


def rows(folder: Path) -> Iterator[Row]:
    """Refresh the demonstration once, then run every command by turns."""
    data, lake = generate(folder / "data").destination, folder / "lake"
    environment = folder_environment(lake, data)
    run_once(COMMANDS["nothing"], environment)
    found: dict[str, list[Run]] = {name: [] for name in COMMANDS}
    for number in range(rounds(5) + 1):
        for name, arguments in COMMANDS.items():
            run = run_once(arguments, environment)
            if number:  # the first round warms caches
                found[name].append(run)
    runs = {name: middle(each) for name, each in found.items()}
    bare = f"a bare Python {runs['python'].wall:.2f} s"
    for name, words, bound in (
        ("nothing", f"Nothing changed, {len(load_catalog())} sources, wall", NOTHING_CHANGED),
        ("status", "`dataelec status`, wall", STATUS),
        ("help", "`dataelec --help`, wall", HELP),
    ):
        yield words, f"{bare}; CPU {runs[name].cpu:.2f} s", *at_most(runs[name].wall, bound, "{:.2f} s")
    yield (
        "`dagster definitions validate`, CPU",
        f"of a module without assets {runs['stock'].cpu:.1f} s; wall {runs['definitions'].wall:.1f} s",
        *at_most(runs["definitions"].cpu, DEFINITIONS, "{:.1f} s"),
    )
