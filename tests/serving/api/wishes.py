"""Ten wishes of an officer of a territorial authority, each an assertion: ``python -m tests.serving.api.wishes URL``.

It prints nothing when every wish is fulfilled. The codes are those of the Gironde, which every France has.
"""

from __future__ import annotations

import csv
import io
import sys
from typing import Any

import httpx


def _rows(api: httpx.Client, path: str, **parameters: Any) -> list[dict[str, Any]]:
    response = api.get(path, params=parameters)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["donnees"]
    return found


def a_territory_by_its_name(api: httpx.Client) -> None:
    """Find the code of the Gironde."""
    first = _rows(api, "/v1/territoires", q="gironde")[0]
    assert (first["maille"], first["code_territoire"], first["nom"]) == ("departement", "33", "Gironde")


def the_sheet_of_a_departement(api: httpx.Client) -> None:
    """Get every indicator with its year, as years differ."""
    sheet = api.get("/indicateurs", params={"departement": "33"}).raise_for_status().json()
    assert len(sheet) >= 3
    for line in sheet:
        assert {"indicateur", "valeur", "unite", "annee"} <= line.keys()
        assert line["valeur"] is not None or line["motif"]


def rank(api: httpx.Client, indicator: str) -> None:
    """Know where the Gironde stands among départements, and beside its région."""
    row = _rows(
        api,
        "/v1/valeurs",
        indicateur=indicator,
        territoire="33",
        maille="departement",
        sous_champ="total",
        comparaison=True,
        ordre="desc",
    )[0]
    assert 1 <= row["rang"] <= row["nombre_pairs"]
    assert row["nom_parent"] == "Nouvelle-Aquitaine"


def evolution(api: httpx.Client, indicator: str) -> None:
    """See the years one after the other."""
    series = _rows(api, "/v1/valeurs", indicateur=indicator, territoire="33", maille="departement", sous_champ="total")
    years = [row["annee"] for row in series]
    assert years == sorted(set(years))
    assert len(years) >= 2


def a_file_for_french_excel(api: httpx.Client, indicator: str) -> None:
    """Open it with a double click: BOM, semicolons, decimal commas, names."""
    response = api.get("/v1/valeurs", params={"indicateur": indicator, "maille": "departement", "format": "csv-fr"})
    assert response.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert "Gironde" in {line["nom_territoire"] for line in lines}
    assert all("." not in line["valeur"] for line in lines)


def neighbours_with_their_names(api: httpx.Client, indicator: str) -> None:
    """Compare with who is next door, without typing codes."""
    found = _rows(api, "/v1/valeurs", indicateur=indicator, territoire="33", voisins=True, sous_champ="total")
    assert {row["nom_territoire"] for row in found} == {
        *("Gironde", "Charente-Maritime", "Dordogne", "Lot-et-Garonne", "Landes")
    }


def per_inhabitant_with_the_year_of_the_population(api: httpx.Client, indicator: str) -> None:
    """Know which population a figure per inhabitant stands on."""
    found = _rows(api, "/v1/valeurs", indicateur=indicator, territoire="33", maille="departement", sous_champ="total")
    assert found
    assert all(row["annee_denominateur"] is not None for row in found if row["valeur"] is not None)


def all_communes_of_a_departement(api: httpx.Client) -> None:
    """Get them in one request."""
    communes = _rows(api, "/v1/territoires", departement="33", maille="commune", limite=10_000)
    assert communes
    values = _rows(api, "/v1/valeurs", departement="33", maille="commune", limite=10_000)
    assert {row["code_territoire"] for row in values} <= {row["code_territoire"] for row in communes}
    assert all(row["nom_territoire"] for row in values)


def the_sheet_of_an_epci(api: httpx.Client) -> None:
    """Have its name, its communes and its indicators."""
    epci = _rows(api, "/v1/territoires", maille="epci", departement="33")[0]["code_territoire"]
    sheet = api.get(f"/v1/territoires/epci/{epci}").raise_for_status().json()
    communes = _rows(api, "/v1/territoires", maille="commune", epci=epci)
    assert sheet["enfants"] == {"commune": len(communes)}
    assert api.get("/indicateurs", params={"epci": epci}).raise_for_status().json()


def charging_points_of_a_commune(api: httpx.Client) -> None:
    """Have each station with its place."""
    stations = _rows(api, "/v1/bornes", departement="33")
    assert stations
    commune = stations[0]["code_commune"]
    of_one = _rows(api, "/v1/bornes", commune=commune)
    assert {row["nom_commune"] for row in of_one} == {stations[0]["nom_commune"]}
    assert all({"longitude", "latitude"} <= row.keys() for row in of_one)


def a_map(api: httpx.Client, indicator: str) -> None:
    """Open a layer in QGIS."""
    asked = {"indicateur": indicator, "maille": "departement", "sous_champ": "total", "format": "geojson"}
    features = api.get("/v1/valeurs", params=asked).raise_for_status().json()["features"]
    gironde = next(each for each in features if each["properties"]["code_territoire"] == "33")
    assert gironde["geometry"]["type"] in {"Polygon", "MultiPolygon"}


def ask_all(api: httpx.Client, indicator: str) -> None:
    """Ask every wish.

    Args:
        api: a client of the API.
        indicator: code of a figure per inhabitant that départements have for two years.

    Raises:
        AssertionError: one is not fulfilled.
    """
    a_territory_by_its_name(api)
    the_sheet_of_a_departement(api)
    rank(api, indicator)
    evolution(api, indicator)
    a_file_for_french_excel(api, indicator)
    neighbours_with_their_names(api, indicator)
    per_inhabitant_with_the_year_of_the_population(api, indicator)
    all_communes_of_a_departement(api)
    the_sheet_of_an_epci(api)
    charging_points_of_a_commune(api)
    a_map(api, indicator)


if __name__ == "__main__":
    with httpx.Client(base_url=sys.argv[1], timeout=60) as client:
        ask_all(client, "conso_electricite_par_hab")
