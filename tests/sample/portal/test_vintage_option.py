"""The instant on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dataelec_assets.errors import SettingsError
from dataelec_assets.sample.portal.vintage_option import parse_vintage


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
