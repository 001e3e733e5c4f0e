"""The dbt project as a whole: its own unit tests, an empty lake, and what every published column must say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.yaml_files import read_yaml
from tests.dbt.empty import start_from_the_empty_warehouse
from tests.dbt.lakes import BuiltLake, TinyLake, found_by


def _published(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the models and seeds of the published schema."""
    for node in manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed") and node["schema"] == "main":
            yield node


@pytest.fixture(scope="module")
def built(module_lake: TinyLake) -> BuiltLake:
    """Return the whole warehouse of an empty lake, and what dbt said while building it, unit tests included."""
    said = start_from_the_empty_warehouse(module_lake)
    return BuiltLake(module_lake, {**said, **module_lake.dbt("test", "--select", "test_type:unit")})


def test_an_empty_lake_builds_without_a_finding_and_every_unit_test_passes(built: BuiltLake) -> None:
    results = built.results
    assert found_by(results) == {}
    assert {each.status for each in results.values()} <= {"success", "pass"}
    units = [name for name, each in results.items() if each.unique_id.startswith("unit_test.")]
    assert len(units) >= 20
    empty = ("fct_consommation_regionale", "fct_stock_gaz", "mart_stock_gaz_national", "mart_completude_jour")
    assert [built.query(f"SELECT count(*) FROM {table}") for table in empty] == [[(0,)]] * len(empty)
    assert (
        dict(built.query("SELECT code_region, nom_region FROM dim_region WHERE est_metropolitaine"))
        == METROPOLITAN_REGIONS
    )


def test_the_calendar_does_not_depend_on_the_clock(built: BuiltLake) -> None:
    rows = built.query("SELECT min(date)::VARCHAR, max(date)::VARCHAR, count(*), sum(nombre_heures) FROM dim_date")
    # 11,322 days of 24 hours: each year gives back in autumn the hour that it took in spring.
    assert rows == [("2005-01-01", "2035-12-31", 11_322, 11_322 * 24)]
    changes = built.query(
        "SELECT date::VARCHAR, nombre_heures, demi_heures_theoriques, demi_heures_imprimees, jour_de_semaine, "
        "semaine_iso FROM dim_date WHERE annee = 2019 AND est_jour_changement_heure ORDER BY date"
    )
    assert changes == [("2019-03-31", 23, 46, 48, 7, 13), ("2019-10-27", 25, 50, 48, 7, 43)]


def test_every_published_column_is_described_typed_and_has_a_unit_when_its_name_says_so(tiny_lake: TinyLake) -> None:
    bare = [
        f"{node['name']}.{column['name']}"
        for node in _published(tiny_lake.manifest())
        for column in node["columns"].values()
        if not column["description"]
        or not column["data_type"]
        or (
            column["name"].endswith(("_mw", "_mwh", "_gwh", "_c"))
            and column["data_type"] not in ("boolean", "varchar")  # zone_c is not a measure
            and not column["config"]["meta"].get("unit")
        )
    ]
    assert bare == []


def test_every_published_column_is_declared(built: BuiltLake) -> None:
    in_file = built.query(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main' ORDER BY ALL"
    )
    declared = [(node["name"], column) for node in _published(built.lake.manifest()) for column in node["columns"]]
    assert in_file == sorted(declared)
    assert built.query(
        "SELECT count(*) FROM information_schema.tables WHERE table_type = 'VIEW' AND table_schema = 'main'"
    ) == [(0,)]


def test_every_check_says_what_a_failing_row_means(tiny_lake: TinyLake) -> None:
    generic = {"not_null", "never_null", "unique", "accepted_values"}
    silent = [
        node["name"]
        for node in tiny_lake.manifest()["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") not in generic
        and not node["description"]
    ]
    assert silent == []


def test_every_warning_names_a_published_column(built: BuiltLake) -> None:
    columns = {(node["name"], name) for node in _published(built.lake.manifest()) for name in node["columns"]}
    named = set(built.query("SELECT nom_table, nom_colonne FROM meta_avertissements"))
    assert named - columns == set()


def test_every_break_in_a_series_names_a_published_measure(built: BuiltLake) -> None:
    columns = {(node["name"], name) for node in _published(built.lake.manifest()) for name in node["columns"]}
    indicators = {("fct_indicateur", name) for (name,) in built.query("SELECT code_indicateur FROM dim_indicateur")}
    named = set(built.query("SELECT nom_table, mesure FROM meta_ruptures"))
    assert named - columns - indicators == set()


def test_an_indicator_made_of_ores_figures_knows_their_break(built: BuiltLake) -> None:
    made = built.query("SELECT code_indicateur FROM dim_indicateur WHERE contains(source, 'Agence ORE') ORDER BY 1")
    known = built.query(
        "SELECT mesure FROM meta_ruptures WHERE nom_table = 'fct_indicateur' AND date_rupture = DATE '2022-01-01' "
        "AND NOT est_comparable ORDER BY 1"
    )
    assert len(made) > 5
    assert known == made


def test_every_domain_has_a_selector_that_finds_it() -> None:
    selectors = {each["name"]: each["definition"] for each in read_yaml(PROJECT_DIR / "selectors.yml")["selectors"]}
    domains = {folder.name for folder in (PROJECT_DIR / "models" / "marts").iterdir()}
    assert domains <= selectors.keys()
    assert {name for name in domains if selectors[name]["value"] != f"models/*/{name}"} == set()
    left_out = [each["value"] for part in selectors["rapide"]["union"] for each in part.get("exclude", ())]
    assert len(left_out) > 1
    assert [pattern for pattern in left_out if not list(PROJECT_DIR.glob(pattern))] == []


def test_a_selector_builds_a_domain_with_what_it_is_made_from(tiny_lake: TinyLake) -> None:
    results = tiny_lake.dbt("build", "--selector", "gaz")
    built = {name for name, each in results.items() if each.unique_id.startswith(("model.", "seed."))}
    assert built == {"pits", "stg_odre__stock_quotidien_stockages_gaz", "fct_stock_gaz", "mart_stock_gaz_national"}
    assert {each.status for each in results.values()} <= {"success", "pass"}


def test_who_reads_the_tables_is_known_to_dbt_and_built_by_nobody(built: BuiltLake) -> None:
    exposures = built.lake.manifest()["exposures"].values()
    assert {each["name"] for each in exposures} == {"rapport", "api", "fichier_publie"}
    published = {node["unique_id"] for node in _published(built.lake.manifest())}
    assert {node for each in exposures for node in each["depends_on"]["nodes"]} == published
    assert [name for name, each in built.results.items() if each.unique_id.startswith("exposure.")] == []
