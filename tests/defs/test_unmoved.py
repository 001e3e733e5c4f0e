"""What a build has left alone, as Dagster is told."""

from __future__ import annotations

import dagster as dg
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.defs import events
from dataelec_assets.defs.resources import DuckDB
from dataelec_assets.defs.tables import Tables
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.parse import ensure_parse

UNMOVED = ["fct_indicateur", "int_indicateur_calcules", "mart_indicateur_compare", "mart_typologie_territoires"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return Tables(load_catalog(), ensure_parse(LakePaths(tmp_path_factory.mktemp("unmoved"))).manifest_json)


# No table of the warehouse is looked at.
NOTHING = DuckDB(database=":memory:", read_only=False)


def materialised(tables: Tables, report: BuildReport) -> list[dg.AssetMaterialization]:
    return [each for each in events.of_build(tables, report, NOTHING) if isinstance(each, dg.AssetMaterialization)]


def test_models_that_were_left_alone_are_recorded_as_verified_after_what_they_are_made_from(tables: Tables) -> None:
    gate = NodeResult("model.dataelec.int_indicateur_mix", "success", None, None, 0.1)
    report = BuildReport("months", results=[gate], unmoved=UNMOVED, gates={"int_indicateur_mix": "abc"})
    made, *verified = materialised(tables, report)
    assert (made.asset_key.path, (made.tags or {})["dagster/data_version"]) == (["int_indicateur_mix"], "abc")
    assert "verifie_a" not in made.metadata
    names = [each.asset_key.path[-1] for each in verified]
    assert sorted(names) == UNMOVED
    assert names.index("int_indicateur_calcules") < names.index("fct_indicateur")
    assert names.index("fct_indicateur") < names.index("mart_indicateur_compare")
    assert all(each.metadata["issue"].value == "vérifié, inchangé" for each in verified)


def test_nothing_is_recorded_of_a_build_that_left_nothing_alone(tables: Tables) -> None:
    assert materialised(tables, BuildReport("months")) == []
