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

from benchmarks import api, census, faults, fuzz, indicateurs, kills, sources, staleness
from benchmarks.measure import folder_environment, run_once, side_by_side
from dataelec_assets.sample import generate

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
REPORT = Path(__file__).with_name("README.md")

ROUNDS = 5

# Peak memory (MB) that a laptop with 4 GB can spare: of the published files, and of ten times the synthetic history.
LARGEST_PEAK, LARGEST_PEAK_OF_TEN = 1500, 2500

Row = tuple[str, str, str, str]


def conversions(folder: Path) -> Iterator[Row]:
    """Raw to Parquet against bare DuckDB and against pandas, whole processes."""
    cases = {
        "(a) 29 regional months, .json.gz": ("consommation-quotidienne-brute-regionale", "*.json.gz", 2.0),
        "(b) national CSV": ("consommation-quotidienne-brute", "*.csv", 3.5),
    }
    for title, (dataset, pattern, least) in cases.items():
        files = [str(path) for path in sorted((DATA / "odre" / dataset).glob(pattern))]
        runs = side_by_side(
            {
                name: ["-m", f"benchmarks.convert_{name}", dataset, "{out}", *files]
                for name in ("ours", "duckdb", "pandas")
            },
            folder,
            ROUNDS,
        )
        ours, reference, pandas = runs["ours"], runs["duckdb"], runs["pandas"]
        yield (
            f"Raw → Parquet {title}: ours / bare DuckDB COPY",
            f"{ours.wall:.2f} s / {reference.wall:.2f} s",
            *_at_most(ours.wall / reference.wall, 1.5),
        )
        yield (
            f"Raw → Parquet {title}: pandas / ours",
            f"{pandas.wall:.2f} s / {ours.wall:.2f} s",
            *_at_least(pandas.wall / ours.wall, least),
        )


def refresh_and_build(folder: Path) -> Iterator[Row]:
    """A whole refresh of the published files, then the dbt build against its own SQL in bare DuckDB."""
    lake = folder / "lake"
    refresh = run_once(["-m", "dataelec_assets", "refresh", "--quiet"], folder_environment(lake, DATA))
    again = run_once(["-m", "dataelec_assets", "refresh", "--quiet"], folder_environment(lake, DATA))
    yield (
        "Refresh of the published files, first load",
        f"{refresh.wall:.1f} s",
        f"peak {refresh.peak_mb:,.0f} MB",
        _verdict(ok=refresh.peak_mb < LARGEST_PEAK, bound="< 1,500 MB"),
    )
    yield "Refresh again, nothing changed", f"{again.wall:.1f} s", f"peak {again.peak_mb:,.0f} MB", ""
    target = lake / "dbt"
    runs = side_by_side(
        {
            "build": ["-m", "benchmarks.dbt_build", str(lake), "build", "--full-refresh"],
            "startup": ["-m", "benchmarks.dbt_build", str(lake), "build", "--full-refresh", "--select", "dim_region"],
        },
        folder,
        3,
    )
    run_once(["-m", "benchmarks.dbt_build", str(lake), "--write-json", "build", "--full-refresh"])
    bare = side_by_side(
        {"bare": ["-m", "benchmarks.bare_sql", str(target), "{out}.duckdb"], "empty": ["-c", "import duckdb"]},
        folder,
        3,
    )
    work, sql = runs["build"].wall - runs["startup"].wall, bare["bare"].wall - bare["empty"].wall
    yield (
        "dbt build of the published files / its own SQL in bare DuckDB",
        f"{work:.1f} s / {sql:.1f} s",
        *_at_most(work / sql, 3),
    )
    yield "dbt's fixed start-up (imports, parsing, one seed)", f"{runs['startup'].wall:.1f} s", "shown apart", ""


def memory_of_ten_times(folder: Path) -> Iterator[Row]:
    """Peak memory of the refresh of a synthetic history ten times as long."""
    data, lake = folder / "synthetic", folder / "large"
    summary = generate(data, scale=10)
    run = run_once(["-m", "benchmarks.refresh_large"], folder_environment(lake, data))
    rows = sum(each.rows for each in summary.files)
    yield (
        f"Refresh of a synthetic history ten times as long ({rows / 1e6:.1f} million rows)",
        f"{run.wall:.0f} s",
        f"peak {run.peak_mb:,.0f} MB",
        _verdict(ok=run.peak_mb < LARGEST_PEAK_OF_TEN, bound="< 2,500 MB"),
    )


def _verdict(*, ok: bool, bound: str) -> str:
    return f"{bound}: {'yes' if ok else '**no**'}"


def _at_most(ratio: float, bound: float) -> tuple[str, str]:
    return f"× {ratio:.2f}", _verdict(ok=ratio <= bound, bound=f"≤ {bound}")


def _at_least(ratio: float, bound: float) -> tuple[str, str]:
    return f"× {ratio:.2f}", _verdict(ok=ratio >= bound, bound=f"≥ {bound}")


PARTS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "conversions": conversions,
    "refresh": refresh_and_build,
    "staleness": staleness.rows,
    "census": census.rows,
    "indicateurs": indicateurs.rows,
    "memory": memory_of_ten_times,
    "api": api.rows,
    "kills": kills.rows,
    "faults": faults.rows,
    "sources": sources.rows,
    "fuzz": fuzz.rows,
}


def _write(part: str, rows: list[Row]) -> None:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    heading = "| what | time | result | bound |\n|---|---|---|---|"
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    text = f"Measured on {datetime.now(UTC):%Y-%m-%d} ({machine}).\n\n{heading}\n{table}\n"
    report = REPORT.read_text(encoding="utf-8")
    marks = re.compile(rf"(?s)(<!-- {part} -->\n).*?(<!-- end -->)")
    REPORT.write_text(marks.sub(lambda found: f"{found[1]}{text}{found[2]}", report), encoding="utf-8")


def main(names: Sequence[str]) -> None:
    """Measure, print, write the report."""
    if not (DATA / "manifest.json").exists():
        sys.exit("The benchmarks read the published files in ../shared/data, which is missing.")
    if unknown := set(names) - PARTS.keys():
        sys.exit(f"Unknown part {', '.join(sorted(unknown))}: choose among {', '.join(PARTS)}.")
    for part in names or PARTS:
        rows = []
        with tempfile.TemporaryDirectory() as name:
            for row in PARTS[part](Path(name)):
                print(" | ".join(row), flush=True)
                rows.append(row)
        _write(part, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
