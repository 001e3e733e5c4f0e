"""The data-set object (acceptance item 7)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataelec_assets.sample.portal import RunningPortal, serve
from tests.sample.portal.conftest import Get, getter, write_data


def test_metadata_declare_fields_count_and_processing(get: Get) -> None:
    body = get("/mesures").json()
    assert {field["name"]: field["type"] for field in body["fields"]} == {
        "rang": "int",
        "nom": "text",
        "valeur": "double",
        "jour": "date",
        "instant": "datetime",
        "code": "text",
    }
    default = body["metas"]["default"]
    assert default["records_count"] == 250
    assert default["data_processed"] == "2024-07-01T00:00:00+00:00"
    assert default["title"] == "mesures"


def test_fields_of_the_catalogue_have_its_names_labels_and_declared_types(get: Get) -> None:
    fields = {field["name"]: field for field in get("/temperature-quotidienne-regionale").json()["fields"]}
    assert fields["code_insee_region"]["type"] == "int"
    assert fields["code_insee_region"]["label"] == "Code INSEE région"
    assert fields["tmin"]["type"] == "double"
    assert fields["id"]["type"] == "text"


def test_touching_moves_data_processed_and_leaves_modified_frozen(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    before = get("/mesures").json()["metas"]["default"]
    content = get("/mesures/exports/csv").content
    own_portal.control("touch", {"dataset": "odre/mesures"})
    after = get("/mesures").json()["metas"]["default"]
    assert after["data_processed"] > before["data_processed"]
    assert after["modified"] == before["modified"]
    assert get("/mesures/exports/csv").content == content


def test_the_catalogue_lists_the_datasets_of_the_portal(get: Get) -> None:
    body = get("", limit=2).json()
    assert body["total_count"] == 3
    assert [dataset["dataset_id"] for dataset in body["results"]] == [
        "consommation-quotidienne-brute-regionale",
        "mesures",
    ]


def test_an_unknown_dataset_or_portal_is_not_found(get: Get, portal: RunningPortal) -> None:
    assert get("/unknown").json()["message"] == "The requested dataset unknown does not exist."
    assert portal.client.get(f"{portal.url}/ailleurs/api/explore/v2.1/catalog/datasets").status_code == 404
    assert portal.client.get(f"{portal.url}/ailleurs/api/explore/v2.1/catalog/datasets/mesures").status_code == 404
    assert portal.client.get(portal.url).status_code == 404


def test_attachments_are_none(get: Get) -> None:
    assert get("/mesures/attachments").json() == {"_links": [], "attachments": []}


def test_synthetic_data_say_so_everywhere(tmp_path: Path) -> None:
    write_data(tmp_path)
    (tmp_path / "SYNTHETIC.json").write_text(json.dumps({"synthetic": True}), "utf-8")
    with serve(tmp_path) as portal:
        get = getter(portal)
        reply = get("/temperature-quotidienne-regionale")
        assert reply.json()["metas"]["default"]["title"] == "Température quotidienne régionale (données synthétiques)"
        assert reply.json()["metas"]["custom"] == {"synthetic": True}
        for path in ("", "/mesures/records", "/mesures/exports/csv", "/unknown"):
            assert get(path).headers["x-dataelec-synthetic"] == "true"


def test_other_data_are_not_called_synthetic(get: Get) -> None:
    reply = get("/mesures")
    assert "x-dataelec-synthetic" not in reply.headers
    assert reply.json()["metas"]["custom"] == {}


@pytest.mark.real
def test_numbers_declared_text_are_served_as_strings(real_portal: RunningPortal) -> None:
    get = getter(real_portal)
    fields = {field["name"]: field["type"] for field in get("/eco2mix-national-tr").json()["fields"]}
    assert fields["ech_comm_angleterre"] == fields["stockage_batterie"] == fields["date"] == "text"
    assert fields["consommation"] == "int"
    (row,) = get("/eco2mix-national-tr/records", where="date = '2021-12-01' and heure = '00:00'").json()["results"]
    assert isinstance(row["ech_comm_angleterre"], str)
    assert isinstance(row["ech_comm_espagne"], int)
