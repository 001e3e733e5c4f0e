"""The census of dwellings, 27 million rows of 70 columns, summed by commune.

``python -m benchmarks.census MODE FILE [OUT]``. MODE is ``make`` (write a synthetic file with the publisher's columns),
``ours`` (the copy of the lake), ``duckdb`` (one bare query of the same file) or ``pandas`` (the way of the systems that
DataElec replaces: two crosstabs that count rows).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from benchmarks.measure import run_once, side_by_side
from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake
from dataelec_assets.lake.paths import LakePaths

ROWS, COMMUNES = int(os.environ.get("DATAELEC_CENSUS", "27_000_000")), 34_955
DATASET = "recensement-logement"

# Columns of the publisher's file that nobody here reads, in its order; each holds a short code.
OTHERS = """
    ARM IRIS ACHL AEMM AEMMR AGEMEN8 ANEM ANEMR ASCEN BAIN BATI CATIRIS CHAU CHFL CHOS CLIM CMBL CUIS DEROU
    DIPLM EAU EGOUL ELEC EMPLM GARL HLML ILETUDM ILTM IMMIM INAIM INEEM INP11M INP15M INP16M INP17M INP19M
    INP24M INP3M INP5M INP60M INP65M INP6M INP75M INPER INPER1 INPER2 INPOM INPSM IRANM METRODOM NBPI RECHM
    REGION SANI SANIDOM SEXEM STOCD TACTM TPM TRANSM TRIRIS TYPC VOIT WC
"""


def make(target: Path, rows: int = ROWS) -> None:
    """Write the synthetic file, zstd-compressed as raw keeps it; the same bytes each time."""
    codes = ", ".join(f"(i * {7 + n} + i // {3 + n}) % {3 + n % 9} AS {name}" for n, name in enumerate(OTHERS.split()))
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(
            f"""COPY (
              SELECT lpad(CAST(1001 + (i * 7919) % {COMMUNES} AS VARCHAR), 5, '0') AS COMMUNE,
                     CAST(1 + (i // 11) % 4 AS VARCHAR) AS CATL, CAST(1 + (i // 5) % 6 AS VARCHAR) AS TYPL,
                     CASE WHEN (i // 11) % 4 = 0 THEN CAST(1 + (i // 3) % 7 AS VARCHAR) ELSE 'Y' END AS SURF,
                     round(1 + (i % 97) / 31.0, 14) AS IPONDL, {codes}
              FROM range({rows}) AS t (i)
            ) TO '{target}' (FORMAT csv, DELIMITER ';', HEADER, COMPRESSION zstd)"""
        )


def ours(source: Path, target: Path) -> None:
    """Make the lake's copy."""
    dataset = load_catalog()[DATASET]
    lake = ParquetLake(LakePaths(target))
    lake.build(connect().cursor, dataset, "2019", [(source.name, lambda: inspect(dataset.id, source))], None)


def bare(source: Path, target: Path) -> None:
    """Sum with one query."""
    duckdb.execute(
        f"COPY (SELECT COMMUNE, CATL, TYPL, SURF, sum(IPONDL) AS IPONDL FROM read_csv('{source}', delim=';') "
        f"GROUP BY ALL ORDER BY ALL) TO '{target}' (COMPRESSION zstd)"
    )


def crosstab(source: Path, target: Path) -> None:
    """Count rows with pandas."""
    with pa.input_stream(str(source), compression="zstd") as stream:
        frame = pd.read_csv(stream, sep=";", usecols=["COMMUNE", "SURF", "TYPL"], dtype={"COMMUNE": str})
    for name in ("SURF", "TYPL"):
        pd.crosstab(index=frame["COMMUNE"], columns=frame[name]).to_csv(f"{target}-{name}.csv", sep=";")


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of the report."""
    source = folder / "FD_LOGEMT_2019.csv.zst"
    run_once(["-m", "benchmarks.census", "make", str(source)])
    modes = ("ours", "duckdb")
    runs = side_by_side({mode: ["-m", "benchmarks.census", mode, str(source), "{out}"] for mode in modes}, folder, 2)
    pandas = run_once(["-m", "benchmarks.census", "pandas", str(source), str(folder / "pandas")])
    source.unlink()
    ratio, peak = runs["ours"].wall / runs["duckdb"].wall, runs["ours"].peak_mb
    yield (
        f"Census of dwellings, {ROWS / 1e6:.0f} million rows: ours / bare DuckDB query",
        f"{runs['ours'].wall:.0f} s / {runs['duckdb'].wall:.0f} s",
        f"× {ratio:.2f}",
        f"≤ 1.5: {'yes' if ratio <= 1.5 else '**no**'}",  # noqa: PLR2004 - the bound of the issue
    )
    yield (
        "The same: memory",
        f"pandas crosstab {pandas.wall:.0f} s, {pandas.peak_mb:,.0f} MB (× {pandas.wall / runs['ours'].wall:.1f})",
        f"peak {peak:,.0f} MB",
        f"< 2,000 MB: {'yes' if peak < 2000 else '**no**'}",  # noqa: PLR2004 - the bound of the issue
    )


if __name__ == "__main__":
    mode, path, *rest = sys.argv[1], Path(sys.argv[2]), *map(Path, sys.argv[3:])
    if mode == "make":
        make(path)
    else:
        {"ours": ours, "duckdb": bare, "pandas": crosstab}[mode](path, rest[0])
