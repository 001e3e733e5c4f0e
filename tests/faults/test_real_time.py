"""A revision in real time costs what it changes, and gives what building everything again gives."""

from __future__ import annotations

from dataelec_assets.warehouse.build import build_warehouse
from dataelec_assets.warehouse.publish import publish
from tests.faults.france import REAL_TIME, SmallLake


def test_indicators_are_left_alone_by_a_year_that_is_not_complete(small: SmallLake) -> None:
    small.revise(REAL_TIME)

    outcome = small.refresh((REAL_TIME,))

    assert outcome.build is not None
    unmoved = set(outcome.build["unmoved"])
    assert {"fct_indicateur", "mart_indicateur_compare"} <= unmoved
    assert not unmoved & {"fct_eco2mix_national", "mart_mix_bilan_periode", "int_indicateur_mix"}
    assert [line for line in outcome.lines if line.startswith(f"Left alone: {len(unmoved)} model(s)")]
    by_month, ctx = small.content(), small.ctx()
    assert build_warehouse(ctx, full=True).broken == []
    publish(ctx)
    assert small.content() == by_month
