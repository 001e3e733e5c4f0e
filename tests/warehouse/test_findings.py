"""What a failed check has found is told with its place, and implicates the partitions that its rows lie in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.findings import Finding, find
from dataelec_assets.warehouse.lineage import Lineage

GAS, REAL_TIME, SETTLED = "stock-quotidien-stockages-gaz", "eco2mix-national-tr", "eco2mix-national-cons-def"
YEARLY, COMMUNES = "consommation-annuelle-d-electricite-et-gaz-par-region", "code-officiel-geographique-communes"

# Model, the data sets that it is made from, and its rows.
MODELS = {
    "fct_stock_gaz": ((GAS,), "SELECT DATE '2023-02-03' AS date, 'Est' AS pits, -1.5 AS stock_gwh"),
    "fct_eco2mix_national": (
        (REAL_TIME, SETTLED),
        "SELECT DATE '2026-03-31' AS date_locale, '23:45' AS heure_locale, 'temps réel' AS statut, 5 AS valeur_mw",
    ),
    "fct_annuel": (
        (YEARLY,),
        "SELECT 2019 AS annee, '11' AS code_region, 'marées' AS secteur, NULL::DOUBLE AS energie_mwh",
    ),
    "stg_communes": ((COMMUNES,), "FROM read_parquet('communes.parquet')"),
    "mart_conclusion": ((GAS,), "SELECT DATE '2023-02-03' AS date, -1.0 AS valeur"),
}


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    """Return a project of these models; ``test.p.NAME.KIND`` is a check of one of them."""
    catalog = load_catalog()
    sources = {
        f"source.p.{dataset.table}": {"config": {"meta": {"dataset_id": dataset.id}}} for dataset in catalog.values()
    }
    nodes: dict[str, Any] = {}
    parents: dict[str, list[str]] = {}
    for name, (datasets, _) in MODELS.items():
        nodes[f"model.p.{name}"] = {"name": name, "resource_type": "model", "relation_name": f'"main"."{name}"'}
        parents[f"model.p.{name}"] = [f"source.p.{catalog[each].table}" for each in datasets]
        for kind in ("accepted_range", "relationships", "never_null", "not_null"):
            nodes[f"test.p.{name}.{kind}"] = {
                "name": f"{name}_{kind}",
                "resource_type": "test",
                "attached_node": f"model.p.{name}",
                "depends_on": {"nodes": [f"model.p.{name}"]},
                "description": "Une ligne - une valeur impossible. Bloque.",
                "test_metadata": {"name": kind, "kwargs": {"column_name": "stock_gwh", "min_value": 0}},
            }
    nodes["test.p.fct_annuel.relationships"]["test_metadata"]["kwargs"] = {"column_name": "secteur"}
    nodes["test.p.fct_annuel.not_null"]["test_metadata"]["kwargs"] = {"column_name": "energie_mwh"}
    children: dict[str, list[str]] = {}
    for child, above in parents.items():
        for each in above:
            children.setdefault(each, []).append(child)
    path = tmp_path / "manifest.json"
    path.write_text(
        json.dumps({"nodes": nodes, "sources": sources, "parent_map": parents, "child_map": children}), encoding="utf-8"
    )
    return Lineage(catalog, path)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a warehouse that has these models; one is a view over a file of the lake."""
    with connect(config={"file_search_path": str(tmp_path)}) as connection:
        connection.execute(
            f"COPY (SELECT '01' AS com, '2026' AS edition) TO '{tmp_path / 'communes.parquet'}' (FORMAT parquet)"
        )
        for name, (_, rows) in MODELS.items():
            kind = "VIEW" if name.startswith("stg") else "TABLE"
            connection.execute(f"CREATE {kind} {name} AS {rows}")
        yield connection


def found(
    warehouse: duckdb.DuckDBPyConnection, lineage: Lineage, check: str, sql: str, **present: tuple[str, ...]
) -> Finding:
    """Return what a check has found; ``present`` names tables of the lake."""
    known = {dataset.id: present.get(dataset.table, ()) for dataset in load_catalog().values()}
    return find(warehouse, lineage, NodeResult(f"test.p.{check}", "fail", "1 ligne(s)", 1, 0.1, sql), known)


def test_a_row_tells_its_month_its_place_and_its_value(warehouse: duckdb.DuckDBPyConnection, lineage: Lineage) -> None:
    finding = found(
        warehouse,
        lineage,
        "fct_stock_gaz.accepted_range",
        "SELECT *, 'négatif' AS message FROM fct_stock_gaz WHERE stock_gwh < 0",
        stock_quotidien_stockages_gaz=("2023-01", "2023-02"),
    )
    words = "fct_stock_gaz, date 2023-02-03, pits Est, stock_gwh = -1.5"
    assert finding.partitions == {(GAS, "2023-02"): (1, words)}
    assert (finding.wanted, finding.is_of_inputs) == ("stock_gwh au moins 0", True)
    assert str(finding) == f"fct_stock_gaz_accepted_range : 1 ligne(s), {words} (attendu : stock_gwh au moins 0)"


def test_a_month_that_the_lake_does_not_have_is_not_blamed(
    warehouse: duckdb.DuckDBPyConnection, lineage: Lineage
) -> None:
    finding = found(
        warehouse,
        lineage,
        "fct_stock_gaz.accepted_range",
        "FROM fct_stock_gaz",
        stock_quotidien_stockages_gaz=("2023-01",),
    )
    assert finding.partitions == {}


def test_the_status_of_a_row_tells_real_time_from_what_replaces_it(
    warehouse: duckdb.DuckDBPyConnection, lineage: Lineage
) -> None:
    both = {"eco2mix_national_tr": ("2026-03",), "eco2mix_national_cons_def": ("2026-03",)}
    finding = found(warehouse, lineage, "fct_eco2mix_national.never_null", "FROM fct_eco2mix_national", **both)
    assert set(finding.partitions) == {(REAL_TIME, "2026-03")}
    warehouse.execute("UPDATE fct_eco2mix_national SET statut = 'consolidé'")
    finding = found(warehouse, lineage, "fct_eco2mix_national.never_null", "FROM fct_eco2mix_national", **both)
    assert set(finding.partitions) == {(SETTLED, "2026-03")}


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("relationships", "SELECT secteur AS from_field FROM fct_annuel"),
        ("not_null", "SELECT energie_mwh FROM fct_annuel WHERE energie_mwh IS NULL"),
    ],
)
def test_where_dbt_returns_a_value_only_the_whole_rows_are_looked_up(
    warehouse: duckdb.DuckDBPyConnection, lineage: Lineage, kind: str, sql: str
) -> None:
    finding = found(
        warehouse,
        lineage,
        f"fct_annuel.{kind}",
        sql,
        consommation_annuelle_d_electricite_et_gaz_par_region=("2019", "2020"),
    )
    assert set(finding.partitions) == {(YEARLY, "2019")}
    assert "annee 2019, code_region 11" in finding.words
    assert finding.wanted == "jamais une valeur impossible"


def test_a_view_over_the_lake_is_read_and_an_edition_blamed(
    warehouse: duckdb.DuckDBPyConnection, lineage: Lineage
) -> None:
    finding = found(
        warehouse,
        lineage,
        "stg_communes.never_null",
        "SELECT * FROM stg_communes",
        code_officiel_geographique_communes=("2025", "2026"),
    )
    assert set(finding.partitions) == {(COMMUNES, "2026")}


def test_a_conclusion_of_ours_blames_no_partition(warehouse: duckdb.DuckDBPyConnection, lineage: Lineage) -> None:
    assert not found(warehouse, lineage, "mart_conclusion.never_null", "FROM mart_conclusion").is_of_inputs


def test_rows_that_cannot_be_read_again_are_told(warehouse: duckdb.DuckDBPyConnection, lineage: Lineage) -> None:
    finding = found(warehouse, lineage, "fct_stock_gaz.accepted_range", "FROM nothing_of_this_name")
    assert finding.partitions == {}
    assert finding.words.startswith("lignes illisibles (Catalog Error")


def test_what_is_made_from_a_check_s_table_is_known(lineage: Lineage) -> None:
    assert lineage.tables_below(["test.p.fct_stock_gaz.never_null"]) == {"fct_stock_gaz"}
    assert [each.id for each in lineage.datasets("test.p.fct_eco2mix_national.never_null")] == [SETTLED, REAL_TIME]
