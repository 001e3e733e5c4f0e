"""The documentation of the tables as one page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dataelec_assets.errors import WarehouseError
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.dbt import run_dbt
from dataelec_assets.warehouse.docs_site import write_docs_site
from dataelec_assets.warehouse.project import PROJECT_DIR

pytestmark = pytest.mark.slow


def test_the_page_holds_models_and_their_queries_asks_nothing_of_the_network_and_names_no_folder(
    tmp_path: Path,
) -> None:
    ctx = RunContext(Settings(lake=tmp_path / "lake"))
    run_dbt(ctx.paths, ["seed", "--select", "dim_region"])
    page = write_docs_site(ctx, tmp_path / "elsewhere" / "docs.html").read_text(encoding="utf-8")
    assert "model.dataelec.fct_consommation_regionale" in page
    assert "Code INSEE de la commune" in page
    assert set(re.findall(r'(?:src|href)=\\?["\'](https?://[^"\']+)', page)) <= {"http://[::1]"}  # an Angular probe
    assert str(PROJECT_DIR) not in page
    assert str(tmp_path) not in page
    assert [each.name for each in (tmp_path / "elsewhere").iterdir()] == ["docs.html"]


def test_without_a_warehouse_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no warehouse") as caught:
        write_docs_site(RunContext(Settings(lake=tmp_path / "lake")))
    assert "dataelec refresh" in str(caught.value.advice)
