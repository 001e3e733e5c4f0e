"""`datapackage.json` says what the Parquet files beside it are."""

from __future__ import annotations

from datetime import UTC, datetime

from dataelec_assets.catalog import load_catalog
from dataelec_assets.warehouse.datapackage import data_package, described
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc
from dataelec_assets.warehouse.parquet_tables import Part, Table

TABLE = TableDoc(
    "fct_essai",
    "Un essai.",
    ("date",),
    (ColumnDoc("date", "date", None, "Jour"), ColumnDoc("energie_mwh", "DOUBLE", "MWh", "Énergie")),
    (("energie_mwh", "Courte d'une heure."),),
)


def test_a_resource_has_its_checksum_its_columns_their_units_and_its_limits() -> None:
    published_at = datetime(2026, 1, 2, tzinfo=UTC)
    absent = TableDoc("fct_absente", "?", (), (), ())
    files = Table("c", {"": Part("fct_essai.parquet", None, 3, "d", 4, 0, "a1b2")})
    package = data_package(
        ("abc", published_at), described([TABLE, absent]), {"fct_essai": files}, list(load_catalog().values())
    )
    assert (package["id"], package["created"]) == ("abc", "2026-01-02T00:00:00+00:00")
    (resource,) = package["resources"]
    assert resource["path"] == "fct_essai.parquet"
    assert resource["hash"] == "sha256:a1b2"
    assert (resource["bytes"], resource["rows"]) == (4, 3)
    assert resource["schema"]["primaryKey"] == ["date"]
    assert resource["schema"]["fields"] == [
        {"name": "date", "type": "date", "description": "Jour"},
        {"name": "energie_mwh", "type": "number", "description": "Énergie", "unit": "MWh"},
    ]
    assert resource["warnings"] == [{"column": "energie_mwh", "text": "Courte d'une heure."}]


def test_the_months_of_a_table_are_one_resource_of_several_paths() -> None:
    files = Table(
        "c",
        {
            "2025-02": Part("fct_essai/2025-02.parquet", None, 3, "d", 4, 0, "b2"),
            "2025-01": Part("fct_essai/2025-01.parquet", None, 5, "d", 6, 0, "a1"),
        },
    )
    package = data_package(("abc", datetime.now(UTC)), described([TABLE]), {"fct_essai": files}, [])
    (resource,) = package["resources"]
    assert resource["path"] == ["fct_essai/2025-01.parquet", "fct_essai/2025-02.parquet"]
    assert (resource["bytes"], resource["rows"]) == (10, 8)
    assert "hash" not in resource
    assert resource["files"] == [
        {"path": "fct_essai/2025-01.parquet", "bytes": 6, "rows": 5, "hash": "sha256:a1"},
        {"path": "fct_essai/2025-02.parquet", "bytes": 4, "rows": 3, "hash": "sha256:b2"},
    ]


def test_every_source_is_named_with_its_page_and_its_licence() -> None:
    package = data_package(("abc", datetime.now(UTC)), {}, {}, list(load_catalog().values()))
    assert len(package["sources"]) == len(load_catalog())
    assert all(each["licence"] for each in package["sources"])
    # What users import has no page.
    without = [each["title"] for each in package["sources"] if not each.get("path", "").startswith("https://")]
    assert without == [f"{each.title} ({each.publisher})" for each in load_catalog().values() if each.info.is_local]
    named = [each["name"] for each in package["licenses"] if "name" in each]
    assert named == ["CC-BY-4.0", "CC-BY-SA-4.0", "etalab-2.0", "ODbL-1.0"]
    # Terms of their own have no identifier, but a page.
    (own,) = (each for each in package["licenses"] if "name" not in each)
    assert own["title"] == "Conditions de l'API publique d'Infoclimat"
    assert own["path"].startswith("https://www.infoclimat.fr/")
