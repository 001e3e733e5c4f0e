"""An edition that its publisher issues as a Parquet file: the census of dwellings of 2021."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dataelec_assets.catalog import load_catalog
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.published import publish_edition, stub

CENSUS = "recensement-logement"


def test_a_parquet_file_is_kept_as_published_and_loaded(tmp_path: Path) -> None:
    file = tmp_path / "RP2021_logemt.parquet"
    dwellings = {"COMMUNE": ["1004", "01004", "2A004"], "CATL": ["1"] * 3, "TYPL": ["1"] * 3, "SURF": ["4"] * 3}
    pq.write_table(pa.table({**dwellings, "IPONDL": [1.5, 2.25, 3.0], "IRIS": ["x"] * 3}), file)
    with stub() as portal:
        publish_edition(portal, load_catalog()[CENSUS], "2021", file.read_bytes())
        settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
        ctx = RunContext(settings, retries=RetryPolicy(attempts=1))
        dataset = ctx.catalog[CENSUS]
        report = refresh_source(ctx, dataset, SilentProgress())
        assert (report.error, report.changed, report.rows) == (None, ["2021"], 2)
        # From raw alone, as after an upgrade of the contract.
        refresh_copies(ctx, dataset, from_scratch=True)
    (vintage,) = ctx.raw.vintages(dataset, "2021")
    assert vintage.bytes == file.stat().st_size
    rows = pq.read_table(ctx.parquet.file(dataset, "2021"), partitioning=None).to_pylist()
    assert [(row["commune"], row["ipondl"]) for row in rows] == [("01004", 3.75), ("2A004", 3.0)]
    assert list(ctx.paths.temporary.glob("*")) == []
