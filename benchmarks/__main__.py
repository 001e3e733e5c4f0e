"""Runs benchmarks and writes the figures into ``benchmarks/README.md``: ``python -m benchmarks [PART …]``.

Without a part all are run. With some, their rows take the place of those of an earlier run; the others stay.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks import (
    api,
    census,
    commands,
    conversions,
    datasets,
    faults,
    first,
    fuzz,
    growth,
    indicateurs,
    kills,
    news,
    real,
    sources,
    tasks,
    whole,
)
from benchmarks.measure import Row

REPORT = Path(__file__).with_name("README.md")

PARTS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "floor": first.rows,
    "news": news.rows,
    "growth": news.growth,
    "metering": growth.rows,
    "datasets": datasets.rows,
    "commands": commands.rows,
    "real": real.rows,
    "demo": whole.demo,
    "suite": whole.suite,
    "ci": whole.integration,
    "conversions": conversions.rows,
    "sources": sources.rows,
    "census": census.rows,
    "indicateurs": indicateurs.rows,
    "api": api.rows,
    "kills": kills.rows,
    "faults": faults.rows,
    "fuzz": fuzz.rows,
    "tasks": tasks.rows,
}


def _write(part: str, rows: list[Row]) -> None:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    heading = "| what | figures | result | bound |\n|---|---|---|---|"
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    text = f"Measured on {datetime.now(UTC):%Y-%m-%d} ({machine}).\n\n{heading}\n{table}\n"
    report = REPORT.read_text(encoding="utf-8")
    marks = re.compile(rf"(?s)(<!-- {part} -->\n).*?(<!-- end -->)")
    REPORT.write_text(marks.sub(lambda found: f"{found[1]}{text}{found[2]}", report), encoding="utf-8")


def main(names: Sequence[str]) -> None:
    """Measure, print, write the report; ``DATAELEC_REPORT=no`` leaves it as it is."""
    if not (real.DATA / "manifest.json").exists():
        sys.exit("The benchmarks read the published files in ../shared/data, which is missing.")
    if unknown := set(names) - PARTS.keys():
        sys.exit(f"Unknown part {', '.join(sorted(unknown))}: choose among {', '.join(PARTS)}.")
    for part in names or PARTS:
        rows = []
        with tempfile.TemporaryDirectory() as name:
            for row in PARTS[part](Path(name)):
                print(" | ".join(row), flush=True)
                rows.append(row)
        if os.environ.get("DATAELEC_REPORT") != "no":
            _write(part, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
