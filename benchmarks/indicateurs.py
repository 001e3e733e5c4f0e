"""The indicators of sustainable development at the real size of their files, from bytes to the compared table.

``python -m benchmarks.indicateurs MODE …``. MODE is ``make GRAIN FILE`` (write a synthetic file in the layout of the
publisher), ``copy GRAIN FILE LAKE`` (check it as an arrival and make the lake's copy) or ``build LAKE`` (the tables of
indicators of the warehouse).
"""

from __future__ import annotations

import csv
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import Run, run_once
from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake, schema_of
from dataelec_assets.lake.partition_index import PartitionInfo
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.reading import load
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample.territories import DEPARTEMENTS, OVERSEAS
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import make_file, open_warehouse, ready_lake
from dataelec_assets.warehouse.dbt import run_dbt
from dataelec_assets.warehouse.source_views import show_sources

# Communes of 2026; EPCI of the published file.
COMMUNES = int(os.environ.get("DATAELEC_COMMUNES", "34_875"))
EPCI = min(1_255, COMMUNES)
YEARS = range(2025, 1981, -1)

# How many years the lines of a région hold, each as often as in the file of 2026; in the mean 7.7.
FILLED = (3, 1, 10, 13, 5, 4, 9, 2, 18, 3, 7, 8, 3, 6, 1, 11, 10, 13, 15, 5, 21, 3, 4, 29, 3, 9, 1, 3, 2, 10)

# Territories that differ in their figures, and not only in their codes.
KINDS = 64

# A laptop with 4 GB can spare as much (as for ten times the synthetic history).
LARGEST_PEAK = 2500

_WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

HEADER = ("codgeo", "libgeo", "no_indic", "ODD1", "Cible1", "ODD2", "Cible2", "type_var", "variable", "sous_champ")
MEMBERS = {"communes": "COM", "epci": "EPCI", "departements": "DEP", "regions": "REG", "france": "FRA"}


def codes_of(grain: str) -> list[tuple[str, str]]:
    """Return code and name of each territory."""
    if grain == "epci":
        return [(f"2{number:08d}", f"Communauté n° {number}") for number in range(EPCI)]
    if grain == "departements":
        return [(code, f"Département {code}") for names in DEPARTEMENTS.values() for code in names.split()]
    if grain == "regions":
        return [(code, f"Région {code}") for code in DEPARTEMENTS]
    if grain == "france":
        return [("FRANCE", "France")]
    return [(code, f"Commune d'été {code}") for code, *_ in places()]


def places() -> Iterator[tuple[str, str, str, str]]:
    """Yield code, département, région and EPCI of each commune."""
    mainland = {region: names for region, names in DEPARTEMENTS.items() if region not in OVERSEAS}
    regions = [(each, region) for region, names in mainland.items() for each in names.split()]
    for number in range(COMMUNES):
        departement, region = regions[number % len(regions)]
        yield f"{departement}{1 + number // len(regions):03d}", departement, region, f"2{number % EPCI:08d}"


def dictionary(grain: str) -> list[dict[str, str]]:
    """Return the lines of the publisher's dictionary that the file of a grain holds."""
    with (Path(__file__).parents[1] / "dbt" / "seeds" / "odd_dictionnaire.csv").open(encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if MEMBERS[grain] in row["fichiers"].split()]


def _line(row: dict[str, str], number: int, kind: int) -> str:
    """Return a line of a territory, a mark in it; a variable is worth the same under each indicator."""
    texts = (row["no_indic"], f"{1 + number % 17}", f"{1 + number % 17}.{1 + number % 9}", "", "", row["type_var"])
    quoted = ";".join(f'"{text}"' for text in (*texts, row["variable"], row["sous_champ"]))
    variable = zlib.crc32(f"{row['variable']} {row['sous_champ']}".encode())
    filled = FILLED[variable % len(FILLED)]
    values = [
        f"{((variable * 7919 + kind * 104_729 + year * 31) % 100_000) / (10 if variable % 3 else 1):g}"
        for year in YEARS[2 : 2 + filled]
    ]
    return f"\0;{quoted};;;{';'.join(values)}{';' * (len(YEARS) - 2 - filled)}\r\n"


def make(grain: str, target: Path, *, territories: int | None = None) -> None:
    """Write a synthetic file as raw keeps it: cp1252, CRLF, quoted texts, newest year first; always the same bytes.

    Args:
        grain: a key of ``MEMBERS``.
        target: the file.
        territories: how many of them; None: all.
    """
    blocks = [
        "".join(_line(row, number, kind) for number, row in enumerate(dictionary(grain))) for kind in range(KINDS)
    ]
    header = ";".join(f'"{name}"' for name in (*HEADER, *(f"A{year}" for year in YEARS)))
    with pa.output_stream(str(target), compression="zstd") as stream:
        stream.write(f"{header}\r\n".encode("cp1252"))
        for position, (code, name) in enumerate(codes_of(grain)[:territories]):
            block = blocks[position % KINDS].replace("\0", f'"{code}";"{name}"')
            stream.write(block.encode("cp1252"))


def copy(grain: str, source: Path, root: Path) -> None:
    """Check a file as an arrival, then make the lake's copy, as a refresh does."""
    dataset = load_catalog()[f"indicateurs-odd-{grain}"]
    paths = LakePaths(root)
    raw = inspect(dataset.id, source)
    with connect(spill=paths.temporary) as connection:
        load(connection.cursor(), dataset, raw, "arrival", order=False)
    with connect(spill=paths.temporary) as connection:
        lake, edition = ParquetLake(paths), dataset.editions[-1].key
        info = lake.build(connection.cursor, dataset, edition, [(source.name, lambda: raw)], None)
        lake.write_index(dataset, {edition: info})
    sys.stdout.write(f"{info.rows}\n")


def build(root: Path) -> None:
    """Build what stands on the copies of a lake that holds nothing else but which communes and EPCI there are."""
    ctx = RunContext(Settings(lake=root))
    paths, lake, catalog = ctx.paths, ctx.parquet, ctx.catalog
    ready_lake(ctx)
    _store(
        lake,
        catalog["code-officiel-geographique-communes"],
        "2026",
        [{"typecom": "COM", "com": code, "dep": dep, "reg": reg, "libelle": code} for code, dep, reg, _ in places()],
    )
    _store(
        lake,
        catalog["consommation-annuelle-d-electricite-et-gaz-par-commune"],
        "2024",
        [{"code_commune": code, "code_epci": epci, "nom_epci": epci, "annee": 2024} for code, _, _, epci in places()],
    )
    make_file(ctx)
    with open_warehouse(ctx) as connection:
        show_sources(connection, paths, catalog.values())
    tables = ("+mart_indicateur_compare", "+mart_indicateur_nettoyage", "+dim_indicateur")
    results = run_dbt(paths, ["build", *_WITHOUT_TESTS, "--select", *tables])
    checks = ("path:models/*/*indicateur*", "path:tests/indicateurs_*")
    results += run_dbt(paths, ["test", "--exclude-resource-type", "unit_test", "--select", *checks])
    for each in results:
        sys.stdout.write(f"{each.seconds:8.1f} {each.status} {each.unique_id} {each.message or ''}\n")
    sys.exit(any(result.is_broken for result in results))


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of the report."""
    for grain, words in (("epci", "EPCI"), ("communes", "communes")):
        source, lake = folder / f"ODD_{grain}.csv.zst", folder / grain
        run_once(["-m", "benchmarks.indicateurs", "make", grain, str(source)])
        copied = run_once(["-m", "benchmarks.indicateurs", "copy", grain, str(source), str(lake)])
        lines = len(codes_of(grain)) * len(dictionary(grain))
        values = pq.read_metadata(next(lake.glob("parquet/*/*/part-*.parquet"))).num_rows
        yield _row(
            f"Indicators of {words}, {lines / 1e6:.1f} million lines, {values / 1e6:.1f} million values: copy", copied
        )
        source.unlink()
    built = run_once(["-m", "benchmarks.indicateurs", "build", str(folder / "epci")])
    yield _row("The same of EPCI: served table, comparison and every check of them", built)


def _row(what: str, run: Run) -> tuple[str, str, str, str]:
    bound = f"< {LARGEST_PEAK:,} MB: {'yes' if run.peak_mb < LARGEST_PEAK else '**no**'}"
    return what, f"{run.wall:.0f} s ({run.cpu:.0f} CPU-s)", f"peak {run.peak_mb:,.0f} MB", bound


def _store(lake: ParquetLake, dataset: Dataset, partition: str, rows: list[dict[str, object]]) -> None:
    known = PartitionInfo("0" * 64, len(rows), None, None, None)
    lake.write_index(dataset, lake.index(dataset) | {partition: known})
    file = lake.file(dataset, partition)
    file.parent.mkdir(parents=True, exist_ok=True)
    content = [{name: row.get(name) for name in dataset.column_names} for row in rows]
    pq.write_table(pa.Table.from_pylist(content, schema=schema_of(dataset)), file)


if __name__ == "__main__":
    mode, *rest = sys.argv[1:]
    if mode == "make":
        make(rest[0], Path(rest[1]))
    elif mode == "copy":
        copy(rest[0], Path(rest[1]), Path(rest[2]))
    else:
        build(Path(rest[0]))
