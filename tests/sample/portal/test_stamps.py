"""Stamps in file names and on the command line."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataelec_assets.errors import SettingsError
from dataelec_assets.sample.portal.stamps import parse_vintage, read_stamp


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


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-29", datetime(2026, 3, 30, tzinfo=UTC)),
        ("2026-03-29T02:03Z", datetime(2026, 3, 29, 2, 3, tzinfo=UTC)),
        ("20260329T0203Z", datetime(2026, 3, 29, 2, 3, tzinfo=UTC)),
        ("2026-03-29T04:03+02:00", datetime(2026, 3, 29, 2, 3, tzinfo=UTC)),
        ("2026-03-29T02:03:04+00:00", datetime(2026, 3, 29, 2, 3, 4, tzinfo=UTC)),
        ("2025-10", datetime(2025, 11, 1, tzinfo=UTC)),
        ("2025", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_vintage_is_read_up_to_the_end_of_what_it_names(text: str, at: datetime) -> None:
    assert parse_vintage(text) == at


@pytest.mark.parametrize("text", ["soon", "2025-13", "2025-02-30", "20251", ""])
def test_a_vintage_that_is_no_date_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(SettingsError, match="Write 2026-03-29"):
        parse_vintage(text)
