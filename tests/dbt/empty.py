"""The empty warehouse that every lake starts from: what no row feeds need not be built by every test."""

from __future__ import annotations

from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.empty import find_empty
from dataelec_assets.warehouse.parse import Parse, ensure_parse
from dataelec_assets.warehouse.prepare import prepare
from tests.dbt.lakes import TinyLake, name_of


def start_from_the_empty_warehouse(lake: TinyLake) -> dict[str, NodeResult]:
    """Give a lake the warehouse that dbt has built from one without rows; return what it said of each node."""
    empty = find_empty(ensure_parse(lake.paths)) or find_empty(Parse(prepare()))
    assert empty is not None
    empty.copy(lake.paths)
    return {name_of(result): result for result in empty.results()}
