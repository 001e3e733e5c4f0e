"""Dagster sees every source, copy, table and check, and its runs are those of the command line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import dagster as dg
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.defs.asset_keys import PUBLICATION, lake_key, raw_key, source_key
from dataelec_assets.defs.build import build_definitions, build_refresh
from dataelec_assets.defs.column_lineage import lineage_of_columns
from dataelec_assets.defs.partitions import partitions_of
from dataelec_assets.defs.tables import Tables
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.dictionary import served_tables
from dataelec_assets.warehouse.parse import ensure_parse


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_definitions(RunContext(Settings(lake=tmp_path_factory.mktemp("definitions"))))


def graph(definitions: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in definitions.resolve_all_asset_specs()}


def test_the_definitions_load_as_the_ui_loads_them(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_every_data_set_goes_from_the_portal_to_the_lake(definitions: dg.Definitions) -> None:
    specs = graph(definitions)
    for dataset in load_catalog().values():
        assert source_key(dataset) in specs
        assert [dep.asset_key for dep in specs[raw_key(dataset)].deps] == [source_key(dataset)]
        assert [dep.asset_key for dep in specs[lake_key(dataset)].deps] == [raw_key(dataset)]
        assert specs[raw_key(dataset)].partitions_def == specs[lake_key(dataset)].partitions_def


def test_every_copy_feeds_a_staging_model(definitions: dg.Definitions) -> None:
    specs = graph(definitions)
    for dataset in load_catalog().values():
        readers = {key for key, spec in specs.items() if lake_key(dataset) in {dep.asset_key for dep in spec.deps}}
        assert dg.AssetKey(f"stg_{dataset.portal}__{dataset.table}") in readers
        assert all(key.path[-1].startswith(f"stg_{dataset.portal}__") for key in readers)


def test_every_data_set_may_have_revisions(definitions: dg.Definitions) -> None:
    staging = {dg.AssetKey(f"stg_{dataset.portal}__{dataset.table}") for dataset in load_catalog().values()}
    assert {dep.asset_key for dep in graph(definitions)[dg.AssetKey("fct_revisions")].deps} == staging


def test_the_graph_has_no_asset_but_ours(definitions: dg.Definitions) -> None:
    # Dagster makes a stub of what is depended on and defined nowhere.
    stubs = [key for key, spec in graph(definitions).items() if "dagster/auto_created_stub_asset" in spec.metadata]
    assert stubs == []


def test_every_asset_tells_a_newcomer_what_it_is_and_whose(definitions: dg.Definitions) -> None:
    for key, spec in graph(definitions).items():
        assert spec.description, key
        assert "```sql\n\n```" not in spec.description, key
        assert spec.kinds, key
        assert spec.owners == ["team:dataelec"], key
        assert spec.group_name != "default", key
    for dataset in load_catalog().values():
        for key in (source_key(dataset), raw_key(dataset), lake_key(dataset)):
            assert graph(definitions)[key].metadata["page"] == dg.MetadataValue.url(dataset.page)


def test_every_check_says_what_it_verifies(definitions: dg.Definitions) -> None:
    assets = definitions.resolve_asset_graph()
    silent = [key for key in assets.asset_check_keys if not assets.get_check_spec(key).description]
    assert silent == []


def test_the_publication_comes_after_every_served_table(definitions: dg.Definitions) -> None:
    specs = graph(definitions)
    upstream = {dep.asset_key for dep in specs[PUBLICATION].deps}
    assert {dg.AssetKey(name) for name in served_tables()} <= upstream


def test_tables_carry_descriptions_and_columns(definitions: dg.Definitions) -> None:
    specs = graph(definitions)
    for name in served_tables():
        spec = specs[dg.AssetKey(name)]
        assert spec.description
        schema = spec.metadata["dagster/column_schema"]
        assert isinstance(schema, dg.TableSchema)
        assert all(column.description for column in schema.columns), name


def test_arrival_checks_block_and_error_tests_of_dbt_do_too(definitions: dg.Definitions) -> None:
    checks = definitions.resolve_asset_graph()
    specs = [checks.get_check_spec(key) for key in checks.asset_check_keys]
    arrivals = [spec for spec in specs if spec.asset_key.path[0] == "raw"]
    assert len(arrivals) == 4 * len(load_catalog())
    assert all(spec.blocking for spec in arrivals)
    tables = [spec for spec in specs if spec.asset_key.path[0] != "raw"]
    assert len(tables) > 100
    assert any(spec.blocking for spec in tables)
    assert any(not spec.blocking for spec in tables)


def test_the_lake_can_be_elsewhere_than_the_default(definitions: dg.Definitions, tmp_path: Path) -> None:
    other = build_definitions(RunContext(Settings(lake=tmp_path)))
    assert set(graph(other)) == set(graph(definitions))


def test_partitions_begin_with_the_history_and_hold_the_current_month() -> None:
    for dataset in load_catalog().values():
        if dataset.partitioning.grain != "month":
            continue  # test_other_grains
        definition = partitions_of(dataset)
        assert definition is not None
        keys = definition.get_partition_keys()
        assert keys[0] == f"{dataset.history_start:%Y-%m}"
        assert len(keys) > 12


def test_groups_are_subjects_from_the_source_file_to_the_mart(definitions: dg.Definitions) -> None:
    specs = graph(definitions)
    sizes = Counter(spec.group_name for spec in specs.values())
    assert {"eco2mix", "gaz", "meteo", "territoires", "bornes", "consommation"} <= sizes.keys()
    assert max(sizes.values()) < len(specs) / 5
    for dataset in load_catalog().values():
        keys = (source_key(dataset), raw_key(dataset), lake_key(dataset))
        assert len({specs[key].group_name for key in keys}) == 1
    for name in ("source/stock_quotidien_stockages_gaz", "stg_odre__stock_quotidien_stockages_gaz", "fct_stock_gaz"):
        assert specs[dg.AssetKey(name.split("/"))].group_name == "gaz"


def test_a_staging_model_says_from_which_column_each_of_its_own_comes(definitions: dg.Definitions) -> None:
    spec = graph(definitions)[dg.AssetKey("stg_odre__stock_quotidien_stockages_gaz")]
    lineage = spec.metadata["dagster/column_lineage"]
    assert isinstance(lineage, dg.TableColumnLineage)
    copy = dg.AssetKey(["lake", "stock_quotidien_stockages_gaz"])
    assert lineage.deps_by_column["stock_gwh"] == [dg.TableColumnDep(copy, "stock_fin_de_journee")]
    assert lineage.deps_by_column["operateur"] == [dg.TableColumnDep(copy, "source")]


def test_a_model_that_calls_a_macro_claims_no_lineage() -> None:
    node = {"raw_code": "with renamed as (select {{ arrondi('a') }} as b from {{ source('odre', 'x') }}) select 1"}
    assert lineage_of_columns(node, PUBLICATION, ["a"]) is None
    node = {"raw_code": node["raw_code"].replace("{{ arrondi('a') }}", "round(a)")}
    assert lineage_of_columns(node, PUBLICATION, ["a"]) == dg.TableColumnLineage(
        {"b": [dg.TableColumnDep(PUBLICATION, "a")]}
    )


def test_every_asset_but_the_seeds_of_packages_says_what_renews_it(definitions: dg.Definitions) -> None:
    silent = {key.to_user_string() for key, spec in graph(definitions).items() if "automatisation" not in spec.metadata}
    assert silent == {"lake/jours_feries", "lake/vacances_scolaires", "lake/quarantaine"}


def test_a_command_runs_the_job_that_the_ui_shows(tmp_path: Path) -> None:
    ctx = RunContext(Settings(lake=tmp_path))
    job = build_refresh(ctx)
    assert job.get_job_snapshot_id() == build_definitions(ctx).resolve_job_def(job.name).get_job_snapshot_id()


def test_what_is_known_of_tables_without_their_specs_is_what_their_specs_say(tmp_path: Path) -> None:
    ctx = RunContext(Settings(lake=tmp_path))
    tables = Tables(ctx.catalog, ensure_parse(ctx.paths).manifest_json)
    specs = tables._specs
    assert tables.key_of == {unique_id: spec.key for unique_id, spec in specs.items()}
    assert tables.monthly == {spec.key for spec in specs.values() if spec.partitions_def is not None}
    assert tables.policies == {spec.key for spec in specs.values() if spec.freshness_policy is not None}
    assert tables.monthly
    assert tables.policies
