"""The published files of ``../shared/data``: first load, nothing changed, the dbt build against its own SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.measure import Row, at_most, folder_environment, rounds, run_once, verdict

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# Seconds on a quiet machine; peak memory (MB) that a laptop with 4 GB can spare; dbt's work by that of its SQL alone.
LONGEST, LARGEST_PEAK, LARGEST_RATIO = 45, 1500, 3

# Models in Python and what stands on them are left out of both: floor.py has them, with the synthetic France.
WITHOUT_PYTHON = ("build", "--full-refresh", "--exclude", "path:models/*/*/*.py+")


def rows(folder: Path) -> Iterator[Row]:
    """Load, load again, build and run the SQL of the build by turns."""
    lake = folder / "lake"
    refresh = ["-m", "dataelec_assets", "refresh", "--quiet"]
    first = run_once(refresh, folder_environment(lake, DATA))
    again = run_once(refresh, folder_environment(lake, DATA))
    yield (
        "Published files, first load, wall",
        f"{first.cpu:.0f} CPU-s",
        *at_most(first.wall, LONGEST, "{:.0f} s"),
    )
    yield (
        "The same: peak",
        f"written to disk {first.written_mb:,.0f} MB",
        f"{first.peak_mb:,.0f} MB",
        verdict(f"< {LARGEST_PEAK:,} MB", ok=first.peak_mb < LARGEST_PEAK),
    )
    yield "Published files again, nothing changed", f"{again.wall:.1f} s", f"peak {again.peak_mb:,.0f} MB", ""
    command = ["-m", "benchmarks.dbt_build", str(lake)]
    builds, starts, bare = [], [], []
    for number in range(rounds(3)):
        builds.append(run_once([*command, "--write-json", *WITHOUT_PYTHON]).cpu)
        floor = run_once(["-m", "benchmarks.floor", str(lake), str(folder / f"bare-{number}"), "nodes"])
        bare.append(json.loads(floor.output)["nodes"])
        starts.append(run_once([*command, "build", "--full-refresh", "--select", "dim_region"]).cpu)
    work, sql = median(builds) - median(starts), median(bare)
    yield (
        "dbt build of the published files without Python / its SQL in bare DuckDB, CPU",
        f"{work:.1f} s / {sql:.1f} s",
        *at_most(work / sql, LARGEST_RATIO),
    )
    yield "dbt's fixed start-up (imports, one seed), CPU", f"{median(starts):.1f} s", "shown apart", ""
