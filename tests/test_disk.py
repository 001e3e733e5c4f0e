"""A disk that cannot be written to, in words: the file, the reason, the space that is left, what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.disk import writable
from dataelec_assets.errors import LakeError


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (OSError(errno.ENOSPC, "x", "/lake/tmp/draft"), "cannot write /lake/tmp/draft: No space left on device"),
        (OSError(errno.EFBIG, "x"), "Free some space"),
        (OSError(errno.EROFS, "x"), "Give the user who runs it the right"),
        (OSError(errno.EIO, "x"), "Check the free space and the rights"),
        (duckdb.IOException("IO Error: Could not write file"), "IO Error: Could not write file"),
        (duckdb.TransactionException("Failed to commit: No space left on device\nmore"), "Free some space"),
        (OSError("no number"), "no number"),
    ],
)
def test_what_the_machine_raises_becomes_a_fault_of_the_lake_with_advice(
    tmp_path: Path, fault: Exception, words: str
) -> None:
    target = tmp_path / "absent" / "file.json"
    with pytest.raises(LakeError) as caught, writable(target, "gas"):
        raise fault
    told = str(caught.value)
    assert words in told
    assert told.startswith("gas: cannot write ")
    assert "MB free on its disk). Files appear whole or not at all: what was there before is kept" in told
    assert "\n" not in told
    if not getattr(fault, "filename", None):
        assert str(target) in told


def test_what_has_nothing_to_do_with_the_disk_passes(tmp_path: Path) -> None:
    with pytest.raises(duckdb.ConversionException), writable(tmp_path):
        raise duckdb.ConversionException("no number")
    with pytest.raises(KeyError), writable(tmp_path):
        raise KeyError("x")


def test_a_full_disk_that_is_called_an_input_error_is_told_as_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.statvfs_result((4096, 4096, 100, 10, 10, 1, 1, 1, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    with pytest.raises(LakeError, match=r"\(0 MB free on its disk\).*Free some space"), writable(tmp_path):
        raise OSError(errno.EIO, "x")
