"""The command line on disks that cannot be written to: one message that says what to do, no stack trace."""

from __future__ import annotations

import resource

import pytest

from tests.faults.france import GAS, Machine, SmallLake

LOOK = ("refresh", "--dry-run", "--source", GAS)


def test_a_file_that_may_not_grow_is_reported_with_its_name_and_what_to_do(empty: SmallLake) -> None:
    # Measured coverage would be a file that may not grow, too.
    process = empty.dataelec(*LOOK, machine=Machine(without=("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")))
    # The least that is written of a source takes more bytes.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100, 100))
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 4, complaints
    assert f"cannot write {empty.paths.state / 'partitions' / GAS}.json: File too large" in said
    assert "Free some space" in said
    assert not complaints
    assert not [file for file in empty.paths.state.rglob("*") if file.is_file()]


@pytest.mark.parametrize(("command", "fault"), [(LOOK, "cannot write"), (("report",), "There is no lake in")])
def test_a_lake_that_cannot_be_a_folder_is_reported_in_one_line(
    empty: SmallLake, command: tuple[str, ...], fault: str
) -> None:
    empty.root.write_text("a file\n", encoding="utf-8")
    try:
        process = empty.dataelec(*command)
        _, complaints = process.communicate(timeout=60)
    finally:
        empty.root.unlink()
    assert process.returncode == 1
    assert complaints.count("\n") == 1, complaints
    assert complaints.startswith(f"error: {fault} {empty.root}")
    assert "DATAELEC_LAKE" in complaints
