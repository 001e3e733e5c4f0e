"""The first refresh of the demonstration against its floor (``floor.py``), in turn."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.measure import Row, at_most, folder_environment, middle, rounds, run_once
from dataelec_assets.sample import generate

# Of the issue: CPU of a first refresh by that of its floor; seconds on a quiet machine with two cores.
LARGEST_RATIO, LONGEST = 1.6, 70

STEPS = {"copies": "Parquet copies", "nodes": "SQL and models in Python", "export": "Parquet export"}


def rows(folder: Path) -> Iterator[Row]:
    """Refresh a new lake and go along the floor, by turns."""
    data = generate(folder / "data").destination
    ours, floors = [], []
    for number in range(rounds(3)):
        lake = folder / f"lake-{number}"
        ours.append(run_once(["-m", "dataelec_assets", "refresh", "--quiet"], folder_environment(lake, data)))
        if not number:
            # The compiled SQL of every node, of which a refresh may have left some alone.
            run_once(["-m", "benchmarks.dbt_build", str(lake), "--write-json", "build", "--full-refresh"])
            kept = lake
        else:
            shutil.rmtree(lake)
        floors.append(run_once(["-m", "benchmarks.floor", str(kept), str(folder / f"floor-{number}")]))
        shutil.rmtree(folder / f"floor-{number}")
    first, floor = middle(ours), middle(floors)
    steps = [json.loads(each.output) for each in floors]
    parts = ", ".join(f"{words} {median(each[step] for each in steps):.1f}" for step, words in STEPS.items())
    yield (
        "First refresh of the demonstration / its floor, CPU",
        f"{first.cpu:.1f} s / {floor.cpu:.1f} s",
        *at_most(first.cpu / floor.cpu, LARGEST_RATIO),
    )
    yield "Its floor by step, CPU", f"{parts} s", "shown apart", ""
    yield (
        "First refresh of the demonstration, wall",
        f"floor {floor.wall:.1f} s, one step after the other",
        *at_most(first.wall, LONGEST, "{:.0f} s"),
    )
    yield (
        "The same: peak, written to disk",
        f"{first.peak_mb:,.0f} MB, {first.written_mb:,.0f} MB",
        f"floor {floor.peak_mb:,.0f} MB, {floor.written_mb:,.0f} MB",
        "",
    )
