"""What the packages say of the calendar belongs to what a publication is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.house import House
from dataelec_assets.lake import calendar
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import BuildReport, _sources, lake_signatures
from dataelec_assets.warehouse.publish import lake_digests, publication_id


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return an empty lake whose calendar is written."""
    house = House(Settings(lake=tmp_path / "lake"))
    house.calendar.ensure_current()
    return house


def test_another_calendar_is_another_publication(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key = (calendar.CALENDAR, calendar.PARTITION)
    built, published = lake_signatures(house), publication_id(lake_digests(house), "models")
    assert key in built
    monkeypatch.setattr(calendar, "_FORM", 99)
    monkeypatch.setattr(calendar, "school_holidays", list)
    house.calendar.ensure_current()
    now = lake_signatures(house)
    assert {each for each in now if now[each] != built.get(each)} == {key}
    assert publication_id(lake_digests(house), "models") != published


def test_a_changed_calendar_builds_what_depends_on_it_and_another_change_does_not(house: House) -> None:
    changed = _sources(house, BuildReport("months", datasets=[calendar.CALENDAR]))
    assert {"lac.jours_feries", "lac.vacances_scolaires"} < set(changed)
    other = _sources(house, BuildReport("months", datasets=["stock-quotidien-stockages-gaz"]))
    assert [each for each in other if "jours_feries" in each or "vacances" in each] == []
    assert "odre.stock_quotidien_stockages_gaz" in other
