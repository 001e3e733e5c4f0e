"""The small France of the fault tests, for runs of Dagster."""

from __future__ import annotations

from tests.faults.conftest import data, empty, place, portal, pristine, small

__all__ = ["data", "empty", "place", "portal", "pristine", "small"]
