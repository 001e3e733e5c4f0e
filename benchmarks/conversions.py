"""Raw to Parquet, whole processes: ours, bare DuckDB, plain pandas, dlt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Row, Run, at_least, at_most, rounds, run_once, side_by_side
from benchmarks.real import DATA

# A folder of its own, which `make bench` fills: dlt is not one of our dependencies.
DLT = Path(__file__).resolve().parents[1] / ".venv" / "dlt"

# Data set, its files, how many times our time pandas must take at least.
CASES = {
    "(a) 29 regional months, .json.gz": ("consommation-quotidienne-brute-regionale", "*.json.gz", 2.0),
    "(b) national CSV": ("consommation-quotidienne-brute", "*.csv", 3.5),
}

LARGEST_RATIO = 1.5


def rows(folder: Path) -> Iterator[Row]:
    """Convert the same files by turns."""
    for title, (dataset, pattern, least) in CASES.items():
        files = [str(path) for path in sorted((DATA / "odre" / dataset).glob(pattern))]
        runs = side_by_side(
            {
                name: ["-m", f"benchmarks.convert_{name}", dataset, "{out}", *files]
                for name in ("ours", "duckdb", "pandas")
            },
            folder,
            rounds(5),
        )
        ours = runs["ours"]
        yield (
            f"Raw → Parquet {title}: ours / bare DuckDB COPY",
            f"{ours.wall:.2f} s / {runs['duckdb'].wall:.2f} s",
            *at_most(ours.wall / runs["duckdb"].wall, LARGEST_RATIO),
        )
        yield (
            f"Raw → Parquet {title}: pandas / ours",
            f"{runs['pandas'].wall:.2f} s / {ours.wall:.2f} s",
            *at_least(runs["pandas"].wall / ours.wall, least),
        )
        yield _dlt(title, ours, folder, dataset, files)


def _dlt(title: str, ours: Run, folder: Path, dataset: str, files: list[str]) -> Row:
    what = f"Raw → Parquet {title}: dlt (Arrow → DuckDB) / ours, CPU"
    if not DLT.is_dir():
        return what, "dlt is not installed: `make bench` does it", "", ""
    out = folder / f"dlt-{dataset}"
    run = run_once(["-m", "benchmarks.convert_dlt", dataset, str(out), *files], {"PYTHONPATH": str(DLT)})
    return what, f"{run.cpu:.2f} s / {ours.cpu:.2f} s", f"× {run.cpu / ours.cpu:.2f}", ""
