"""Parts are written once under their own names, and go when no reader can still want them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dataelec_assets.lake.parts import GRACE, part_name, sweep_parts

DAY = GRACE.total_seconds()


def parts(folder: Path, **ages: float) -> dict[str, Path]:
    """Write parts that are so many seconds old."""
    made = {}
    for name, age in ages.items():
        made[name] = folder / part_name(name * 16)
        made[name].touch()
        os.utime(made[name], (time.time() - age,) * 2)
    return made


def test_a_part_is_named_by_the_first_sixteen_digits_of_its_signature() -> None:
    assert part_name("0123456789abcdef" * 4) == "part-0123456789abcdef.parquet"


def test_a_part_stays_a_day_after_another_has_taken_its_place_however_old_it_is(tmp_path: Path) -> None:
    made = parts(tmp_path, a=400 * DAY, b=DAY - 60)
    assert sweep_parts(made["b"]) == []
    os.utime(made["b"], (time.time() - DAY - 60,) * 2)
    assert sweep_parts(made["b"]) == [made["a"]]
    assert [*tmp_path.iterdir()] == [made["b"]]


def test_a_partition_that_is_written_every_hour_keeps_a_day_of_parts(tmp_path: Path) -> None:
    made = parts(tmp_path, a=3 * DAY, b=2 * DAY, c=DAY / 2, d=60)
    assert sweep_parts(made["d"]) == [made["a"]]  # the others were replaced half a day and a minute ago
    assert sorted(tmp_path.iterdir()) == sorted(made[name] for name in "bcd")


def test_the_part_in_use_stays_when_a_killed_run_has_left_a_newer_one(tmp_path: Path) -> None:
    made = parts(tmp_path, a=3 * DAY, b=2 * DAY)
    assert sweep_parts(made["a"]) == []


@pytest.mark.parametrize("name", ["index.json", "part-0.csv", "other.parquet"])
def test_nothing_but_parts_is_swept(name: str, tmp_path: Path) -> None:
    made = parts(tmp_path, a=3 * DAY, b=2 * DAY)
    (tmp_path / name).touch()
    os.utime(tmp_path / name, (0, 0))
    assert sweep_parts(made["b"]) == [made["a"]]
    assert (tmp_path / name).exists()
