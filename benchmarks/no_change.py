"""CPU time of a refresh in which nothing has changed: ``python -m benchmarks.no_change LAKE URL YEARS``.

Makes, when it is not there, a lake of 24 data sets as a refresh leaves it - manifests, indexes, states, a served file -
of as many years of months, without a byte of data; then prints the CPU-seconds of a refresh, imports left out.
"""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
from pydantic import HttpUrl

from dataelec_assets.catalog import Catalog, Dataset, load_catalog
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.lake.atomic_files import write_json
from dataelec_assets.lake.partition_index import PartitionInfo, signatures_of
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.lake.state import PartitionMemory, SourceState, save_memory, save_state
from dataelec_assets.portals.fingerprints import Fingerprint, fingerprint_query
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.lock import show_lock, write_lock
from dataelec_assets.warehouse.project import project_digest
from dataelec_assets.warehouse.publication import Publication, lake_digests, publication_id, record_publication

DATASETS = 24
VERSION = "2026-01-02T03:04:05+00:00"


def catalog() -> Catalog:
    """Return 24 data sets, made from a large one of ours under other names."""
    model = load_catalog()["consommation-quotidienne-brute-regionale"]
    return Catalog(
        [replace(model, id=f"jeu-{number:02d}", history_start=date(1926, 1, 1)) for number in range(DATASETS)]
    )


def _write(ctx: RunContext, dataset: Dataset, years: int) -> None:
    months = [f"{year}-{month:02d}" for year in range(2026 - years, 2026) for month in range(1, 13)]
    sums = dict.fromkeys([name for name, _ in fingerprint_query(dataset).columns.values()], "123456789.012")
    content = Fingerprint(17_856, 17_856, "2025-12-31T22:30:00+00:00", sums).text
    index = {}
    for month in months:
        vintage = Vintage(
            dataset.id, month, "http://x/export", {"where": "x"}, VERSION, VERSION, f"{hash(month) % 16**8:064x}",
            1_000_000, 17_856, content, dataset.licence, synthetic=True,
        )  # fmt: skip
        path = ctx.paths.manifests / dataset.id / month / f"{vintage.name}.json"
        write_json(ctx.paths, path, asdict(vintage))
        mark = signatures_of(dataset, [vintage.sha256])[-1]
        index[month] = PartitionInfo(mark, 17_856, f"{month}-01", f"{month}-28", f"{month}-28")
    ctx.parquet.write_index(dataset, index)
    ctx.parquet.write_head(dataset, ctx.partition_signatures(dataset))
    save_memory(ctx.paths, dataset, PartitionMemory(dict.fromkeys(months, content), {}, VERSION))
    save_state(ctx.paths, dataset, SourceState(VERSION, VERSION, VERSION, VERSION, status="fresh"))


def _serve(ctx: RunContext) -> None:
    identifier = publication_id(lake_digests(ctx), project_digest())
    ctx.paths.serving.mkdir(parents=True)
    with duckdb.connect(str(ctx.paths.served_file)) as connection:
        connection.execute(
            f"CREATE TABLE meta_publication AS SELECT '{identifier}' AS publication_id, "
            "now() AS publiee_a, 'x' AS version_code, true AS est_synthetique"
        )
    folder = ctx.paths.serving / f"parquet-{identifier}-0"
    folder.mkdir()
    (ctx.paths.serving / "parquet").symlink_to(folder.name, target_is_directory=True)
    now = datetime.now(UTC)
    record_publication(ctx.paths, Publication(identifier, now, True, True, ctx.paths.served_file, {}))  # noqa: FBT003
    write_lock(ctx, identifier, now, project_digest())
    show_lock(ctx, identifier)


def main(lake: Path, url: str, years: int) -> None:
    """Make the lake when it is not there, refresh twice, print the CPU time of the second."""
    ctx = RunContext(Settings(lake=lake, odre_url=HttpUrl(url)), catalog())
    if not ctx.paths.served_file.exists():
        for dataset in ctx.catalog.values():
            _write(ctx, dataset, years)
        _serve(ctx)
    for turn in range(2):
        start = time.process_time()
        outcome = run_refresh(ctx=ctx, quiet=True)
        spent = time.process_time() - start
        if {row["outcome"] for row in outcome.sources} != {"unchanged"} or outcome.build is not None:
            sys.exit(f"the refresh did something: {outcome.sources[0]}")
        if turn:
            print(f"{spent:.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
