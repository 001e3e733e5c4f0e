"""Where these tests are left out by their marker, their modules and what those import are left alone, too."""

from __future__ import annotations

import pytest


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return True if "not beyond" in config.option.markexpr else None
