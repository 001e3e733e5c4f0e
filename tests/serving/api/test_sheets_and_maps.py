"""Answers for people: Excel workbooks, CSV that is safe to open, maps."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

from dataelec_assets.serving.api import workbooks
from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.serving.api.execution import Limits
from tests.serving.api.office import FRANCE
from tests.serving.api.served import make_served, running

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

# Texts that spreadsheets compute, and texts that only look so.
DANGEROUS = ("=1+1", "@SUM(1)", "+cmd|' /C calc'!A0", "-2+3+cmd", " =1", "\t=1", "|x")
HARMLESS = ("-12,5", "+33 5", "a=b", "Île-de-France", "")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    texts = ", ".join("('" + text.replace("'", "''") + "')" for text in (*DANGEROUS, *HARMLESS))
    extra = f"{FRANCE} create table mart_texte as select * from (values {texts}) as t(texte);"
    served = make_served(tmp_path_factory.mktemp("sheets") / "dataelec.duckdb", extra=extra)
    with running(create_app(served, Options(rate=0, log=False))) as client:
        yield client


def sheet(content: bytes, number: int = 1) -> list[list[tuple[str, str | None]]]:
    """Return the cells of a sheet: kind (``inlineStr``, ``b``, ``n``) and text; no cell may hold a formula."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        tree = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - we have just written it
    rows = []
    for row in tree.iter(f"{_S}row"):
        assert row.find(f"{_S}c/{_S}f") is None
        cells = [(cell.get("t", "n"), "".join(each.text or "" for each in cell.iter())) for cell in row]
        rows.append([(kind, text or None) for kind, text in cells])
    return rows


def test_a_workbook_keeps_codes_as_text_numbers_as_numbers_and_days_as_dates(office: httpx.Client) -> None:
    response = office.get("/v1/temperatures?territoire=53&format=xlsx&limite=1")
    assert response.headers["content-type"].endswith("spreadsheetml.sheet")
    assert 'filename="fct_temperature_regionale.xlsx"' in response.headers["content-disposition"]
    header, first = sheet(response.content)[:2]
    assert [text for _, text in header][:3] == ["code_region", "nom_region", "date"]
    assert [text for _, text in first] == ["53", "Bretagne", "45292", "1.5", "9.25", "5"]  # 2024-01-01
    assert [kind == "n" for kind, _ in first] == [False, False, True, True, True, True]


def test_a_workbook_says_units_meanings_and_publication_on_its_second_sheet(office: httpx.Client) -> None:
    content = office.get("/v1/temperatures?format=xlsx").content
    notes = [[text for _, text in row] for row in sheet(content, 2)]
    assert ["Publication", "publication-1"] in notes
    assert ["temperature_min_c", "°C"] in [row[:2] for row in notes]
    assert content == office.get("/v1/temperatures?format=xlsx").content, "the same bytes each time"
    assert office.head("/v1/temperatures?format=xlsx").headers["content-length"] == str(len(content))


def test_no_text_is_a_formula_in_a_workbook(office: httpx.Client) -> None:
    rows = sheet(office.get("/v1/tables/mart_texte?format=xlsx").content)
    assert [row[0][1] for row in rows[1:8]] == list(DANGEROUS)


def test_no_text_is_a_formula_in_the_french_csv(office: httpx.Client) -> None:
    text = office.get("/v1/tables/mart_texte?format=csv-fr").content.decode("utf-8-sig")
    found = [row["texte"] for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")]
    assert found == [*("'" + each for each in DANGEROUS), *HARMLESS]
    plain = office.get("/v1/tables/mart_texte?format=csv").text
    assert "'=" not in plain, "programs get what was published"


def test_a_workbook_or_a_map_too_long_or_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    with running(create_app(served, Options(rate=0, limits=Limits(sheet_rows=19)))) as client:
        for kind in ("xlsx", "geojson"):
            assert client.get(f"/v1/temperatures?format={kind}").status_code == 413
        monkeypatch.setattr(workbooks, "find_spec", lambda _name: None)
        refused = client.get("/v1/temperatures?format=xlsx")
        assert refused.status_code == 406
        assert "dataelec-assets[xlsx]" in refused.json()["detail"]


def test_a_map_has_the_outlines_of_departements_with_their_values(office: httpx.Client) -> None:
    url = "/v1/valeurs?indicateur=conso_hab&maille=departement&annee=2022&sous_champ=total&format=geojson"
    response = office.get(url)
    assert response.headers["content-type"] == "application/geo+json"
    found = response.json()
    by_code = {each["properties"]["code_territoire"]: each for each in found["features"]}
    assert by_code["33"]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert by_code["33"]["properties"]["nom_territoire"] == "Gironde"
    assert found["nombre"] == len(found["features"]) == 8
    assert found["publication"]["publication_id"] == "publication-1"


def test_a_map_has_stations_as_points_regions_by_code_and_communes_without_outline(office: httpx.Client) -> None:
    stations = office.get("/v1/bornes?format=geojson&departement=33").json()["features"]
    assert [each["geometry"] for each in stations] == [{"type": "Point", "coordinates": [-0.57, 44.84]}]
    regions = office.get("/v1/temperatures?format=geojson&limite=1").json()["features"]
    assert regions[0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    communes = office.get("/v1/territoires?maille=commune&format=geojson").json()["features"]
    assert {each["geometry"] for each in communes} == {None}
    assert office.get("/v1/tables/mart_texte?format=geojson").status_code == 406
