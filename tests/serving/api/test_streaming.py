"""A whole table is never in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from tests.serving.api.served import make_served

ROWS = 2_000_000
LARGEST_PEAK_MB = 300

# Like a half-hourly fact; stored out of order, so that sorting it would need all of it.
LONG = f"""
    create table mart_long as
    select (53 + range % 12)::varchar as code_region, date '2015-01-01' + (range // 48 % 3000)::integer as date_locale,
        strftime(timestamp '2015-01-01' + to_minutes(30 * (range % 48)::integer), '%H:%M') as heure_locale,
        timestamptz '2015-01-01 00:00:00+00' + to_minutes(30 * range) as instant_utc,
        random() * 60000 as consommation_electricite_mw, random() * 30000 as energie_electricite_mwh,
        random() * 60000 as consommation_gaz_mw, random() * 30000 as energie_gaz_mwh,
        'définitif' as statut_electricite, 'définitif' as statut_gaz
    from range({ROWS})
"""


def test_two_million_rows_are_streamed_as_parquet_within_300_mb(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb", extra=LONG)
    target = tmp_path / "long.parquet"
    command = [sys.executable, "-m", "tests.serving.api.stream_memory", str(served), str(target), "format=parquet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    status, rows, peak = (int(word) for word in done.stdout.split())
    assert (status, rows) == (200, ROWS)
    assert peak < LARGEST_PEAK_MB
    with duckdb.connect() as connection:
        connection.execute(f"attach '{served}' as served (read_only)")
        content = "select count(*), bit_xor(hash(code_region, heure_locale, instant_utc, energie_gaz_mwh)) from"
        expected = connection.execute(f"{content} served.mart_long").fetchall()
        found = connection.execute(f"{content} '{target}'").fetchall()
    assert found == expected
    assert pq.ParquetFile(target).metadata.num_row_groups > 1
