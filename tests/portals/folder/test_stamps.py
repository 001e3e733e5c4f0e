"""Stamps in file names."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataelec_assets.portals.folder.stamps import read_stamp


@pytest.mark.parametrize(
    ("name", "kind", "at"),
    [
        ("eco2mix-national-tr_snapshot_20260327T0200Z.json", "snapshot", datetime(2026, 3, 27, 2, tzinfo=UTC)),
        (
            "belib_snapshot_2023-01-30T0959-paris-time.json",
            "snapshot",
            datetime(2023, 1, 30, 8, 59, tzinfo=UTC),
        ),
        ("temperature_vintage-2025-10.parquet", "vintage", datetime(2025, 11, 1, tzinfo=UTC)),
        (
            "brute_vintage-2025-12_extract-2016-2019-utc.csv",
            "vintage",
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
        ("annuelle_2013-2020_vintage-2022-03.csv", "vintage", datetime(2022, 4, 1, tzinfo=UTC)),
        ("regionale_2017-10.json.gz", "part", datetime(2017, 11, 1, tzinfo=UTC)),
        ("injections_2019.csv", "part", datetime(2020, 1, 1, tzinfo=UTC)),
        ("annuelle_2013-2020.csv", "undated", None),
        ("export.csv", "undated", None),
        ("numero_9999-99.csv", "undated", None),
        ("export_snapshot_20261399T9999Z.csv", "undated", None),
    ],
)
def test_the_name_of_a_file_tells_when_it_was_published(name: str, kind: str, at: datetime | None) -> None:
    stamp = read_stamp(Path(name))
    assert (stamp.kind, stamp.at) == (kind, at)


def test_an_undated_file_is_the_oldest_and_was_processed_when_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a\n1\n", "utf-8")
    os.utime(path, (1_600_000_000, 1_600_000_000))
    stamp = read_stamp(path)
    assert stamp.order < read_stamp(Path("b_1950.csv")).order
    assert stamp.processed_at == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
