"""A revision in real time costs what it changes, and gives what building everything again gives."""

from __future__ import annotations

from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.refresh.copies import refresh_copies
from dataelec_assets.refresh.sources import refresh_source
from dataelec_assets.warehouse.build import build_warehouse
from dataelec_assets.warehouse.publish import publish
from tests.faults.france import REAL_TIME, SmallHouse


def test_indicators_are_left_alone_by_a_year_that_is_not_complete(small: SmallHouse) -> None:
    small.revise(REAL_TIME)
    house = small.house()
    assert refresh_source(house, house.catalog[REAL_TIME], SilentProgress()).error is None
    refresh_copies(house, house.catalog[REAL_TIME])

    report = build_warehouse(house)

    built = {each.unique_id.split(".")[2] for each in report.results}
    assert {"fct_eco2mix_national", "mart_mix_bilan_periode", "int_indicateur_mix"} <= built
    assert {"fct_indicateur", "mart_indicateur_compare"} <= set(report.unmoved)
    assert not built & set(report.unmoved)

    publish(house)
    by_month = small.content()
    assert build_warehouse(house, full=True).broken == []
    publish(house)
    assert small.content() == by_month
