"""The marker tells whether a folder of invented data is still what the code would write."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dataelec_assets.sample.marker import MARKER, is_current, write_marker
from dataelec_assets.sample.timeline import Horizon


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    write_marker(tmp_path, Horizon(date(2023, 1, 1), datetime(2025, 12, 31, 12, tzinfo=UTC)), 1)
    return tmp_path


def test_a_folder_is_current_as_long_as_the_generator_is_the_one_that_wrote_it(marked: Path) -> None:
    assert is_current(marked)
    content = json.loads((marked / MARKER).read_text("utf-8"))
    (marked / MARKER).write_text(json.dumps(content | {"generator_digest": "another"}), "utf-8")
    assert not is_current(marked)


@pytest.mark.parametrize("content", [None, "", "[]", '{"synthetic": true}'])
def test_no_marker_an_older_one_and_a_torn_one_are_not_current(marked: Path, content: str | None) -> None:
    (marked / MARKER).unlink()
    if content is not None:
        (marked / MARKER).write_text(content, "utf-8")
    assert not is_current(marked)
