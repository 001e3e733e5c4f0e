"""What the packages say of the calendar belongs to what a publication is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.lake import calendar
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import BuildReport, lake_signatures, sources_of
from dataelec_assets.warehouse.publication import lake_digests, publication_id


@pytest.fixture
def ctx(tmp_path: Path) -> RunContext:
    """Return an empty lake whose calendar is written."""
    ctx = RunContext(Settings(lake=tmp_path / "lake"))
    ctx.calendar.ensure_current()
    return ctx


def test_another_calendar_is_another_publication(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    key = (calendar.CALENDAR, calendar.PARTITION)
    built, published = lake_signatures(ctx), publication_id(lake_digests(ctx), "models")
    assert key in built
    monkeypatch.setattr(calendar, "_FORM", 99)
    monkeypatch.setattr(calendar, "school_holidays", list)
    ctx.calendar.ensure_current()
    now = lake_signatures(ctx)
    assert {each for each in now if now[each] != built.get(each)} == {key}
    assert publication_id(lake_digests(ctx), "models") != published


def test_a_changed_calendar_builds_what_depends_on_it_and_another_change_does_not(ctx: RunContext) -> None:
    changed = sources_of(ctx, BuildReport("months", datasets=[calendar.CALENDAR]))
    assert {"lac.jours_feries", "lac.vacances_scolaires"} < set(changed)
    imported = sources_of(ctx, BuildReport("months", datasets=["indicateurs-importes"]))
    assert imported == ["local.indicateurs_importes"]  # what users import has no revisions
    other = sources_of(ctx, BuildReport("months", datasets=["stock-quotidien-stockages-gaz"]))
    assert [each for each in other if "jours_feries" in each or "vacances" in each] == []
    assert "odre.stock_quotidien_stockages_gaz" in other
