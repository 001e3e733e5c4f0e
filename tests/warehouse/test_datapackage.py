"""`datapackage.json` says what the Parquet files beside it are."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from dataelec_assets.catalog import load_catalog
from dataelec_assets.warehouse.datapackage import data_package
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc

TABLE = TableDoc(
    "fct_essai",
    "Un essai.",
    ("date",),
    (ColumnDoc("date", "date", None, "Jour"), ColumnDoc("energie_mwh", "DOUBLE", "MWh", "Énergie")),
    (("energie_mwh", "Courte d'une heure."),),
)


def test_a_resource_has_its_checksum_its_columns_their_units_and_its_limits(tmp_path: Path) -> None:
    (tmp_path / "fct_essai.parquet").write_bytes(b"PAR1")
    published_at = datetime(2026, 1, 2, tzinfo=UTC)
    absent = TableDoc("fct_absente", "?", (), (), ())
    package = data_package(
        tmp_path, ("abc", published_at), [TABLE, absent], {"fct_essai": 3}, list(load_catalog().values())
    )
    assert (package["id"], package["created"]) == ("abc", "2026-01-02T00:00:00+00:00")
    (resource,) = package["resources"]
    assert resource["path"] == "fct_essai.parquet"
    assert resource["hash"] == f"sha256:{hashlib.sha256(b'PAR1').hexdigest()}"
    assert (resource["bytes"], resource["rows"]) == (4, 3)
    assert resource["schema"]["primaryKey"] == ["date"]
    assert resource["schema"]["fields"] == [
        {"name": "date", "type": "date", "description": "Jour"},
        {"name": "energie_mwh", "type": "number", "description": "Énergie", "unit": "MWh"},
    ]
    assert resource["warnings"] == [{"column": "energie_mwh", "text": "Courte d'une heure."}]


def test_every_source_is_named_with_its_page_and_its_licence(tmp_path: Path) -> None:
    package = data_package(tmp_path, ("abc", datetime.now(UTC)), [], {}, list(load_catalog().values()))
    assert len(package["sources"]) == len(load_catalog())
    assert all(each["path"].startswith("https://") and each["licence"] for each in package["sources"])
    named = [each["name"] for each in package["licenses"] if "name" in each]
    assert named == ["CC-BY-4.0", "CC-BY-SA-4.0", "etalab-2.0", "ODbL-1.0"]
    # Terms of their own have no identifier, but a page.
    (own,) = (each for each in package["licenses"] if "name" not in each)
    assert own["title"] == "Conditions de l'API publique d'Infoclimat"
    assert own["path"].startswith("https://www.infoclimat.fr/")
