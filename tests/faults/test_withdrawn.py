"""The exit code of a refresh when a data set is absent because its publisher has withdrawn it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dataelec_assets.catalog import Catalog
from tests.faults.france import SOURCES, SmallLake

ABSENT = "imports-exports-commerciaux"


@pytest.mark.parametrize(("withdrawn", "code"), [(True, 0), (False, 3)])
def test_a_withdrawn_data_set_is_shown_as_absent_and_changes_no_exit_code(
    small: SmallLake, *, withdrawn: bool, code: int
) -> None:
    ctx = small.ctx()
    catalog = [replace(each, withdrawn=withdrawn) if each.id == ABSENT else each for each in ctx.catalog.values()]
    outcome = small.refresh((*SOURCES, ABSENT), ctx=replace(ctx, catalog=Catalog(catalog)))
    rows = {row["dataset_id"]: row for row in outcome.sources}
    assert rows[ABSENT]["outcome"] == "absent"
    assert bool(rows[ABSENT]["error"]) is not withdrawn
    assert rows[ABSENT]["warnings"] == []
    assert outcome.exit_code == code
