"""Outlines are whole, small and drawn the right way round; a territory without a value is grey and says so."""

from __future__ import annotations

import csv
import json
import re
from importlib.resources import files
from typing import Any

import pytest

from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.serving.outlines import Kind
from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Chart, Table
from dataelec_assets.serving.report.drawing import drawn, scripts, specification
from dataelec_assets.serving.report.maps import breaks, france
from dataelec_assets.warehouse.project import PROJECT_DIR
from tests.serving.svg import svg_of

GEOMETRY = files("dataelec_assets.serving.report").joinpath("geometry")


def outlines(kind: str) -> dict[str, Any]:
    content = json.loads(GEOMETRY.joinpath(f"{kind}.geojson").read_text(encoding="utf-8"))
    return {feature["properties"]["code"]: feature["geometry"] for feature in content["features"]}


def departements() -> set[str]:
    with (PROJECT_DIR / "seeds" / "dim_departement.csv").open(encoding="utf-8") as stream:
        return {row["code_departement"] for row in csv.DictReader(stream) if row["est_metropolitain"] == "true"}


def boxes(svg: str) -> list[tuple[float, float]]:
    """Return width and height of each territory that is drawn."""
    found = []
    for path in re.findall(r'aria-roledescription="geoshape"[^>]*? d="([^"]+)"', svg):
        numbers = [float(each) for each in re.findall(r"-?[\d.]+", path)]
        xs, ys = numbers[0::2], numbers[1::2]
        found.append((max(xs) - min(xs), max(ys) - min(ys)))
    return found


def test_every_metropolitan_territory_has_an_outline() -> None:
    assert set(outlines("regions")) == set(METROPOLITAN_REGIONS)
    assert set(outlines("departements")) == departements()
    assert len(departements()) == 96


def test_outlines_are_small_and_their_licence_is_beside_them() -> None:
    assert len(GEOMETRY.joinpath("regions.geojson").read_bytes()) <= 100_000
    assert len(GEOMETRY.joinpath("departements.geojson").read_bytes()) <= 100_000
    assert "Apache License, Version 2.0" in GEOMETRY.joinpath("NOTICE.md").read_text(encoding="utf-8")
    assert "Apache License" in GEOMETRY.joinpath("LICENSE-APACHE-2.0.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "count"), [("regions", 13), ("departements", 96)])
def test_no_outline_is_turned_inside_out(kind: Kind, count: int) -> None:
    # d3 fills the rest of the world when a ring runs the wrong way: its box is then the whole map.
    values = {code: float(at) for at, code in enumerate(outlines(kind))}
    drawn = boxes(svg_of(france(kind, values, {}, "%")))
    assert len(drawn) == count
    assert all(width < 200 and height < 200 for width, height in drawn)


def test_a_territory_without_a_value_is_grey_and_named_so() -> None:
    draw = france("regions", {"53": 1.0, "11": 2.0, "84": 3.0}, {"53": "Bretagne : 1 %"}, "%")
    svg = svg_of(draw)
    assert svg.count(f'fill="{theme.NO_DATA[0]}"') == 10 + 1, "ten régions and the key"
    assert "Sans valeur fiable" in svg
    said = {row["dit"] for row in specification(draw())["data"]["values"]}
    assert said == {"Bretagne : 1 %", "Sans valeur fiable"}
    key = specification(draw())["usermeta"]["legende"]
    assert [entry["nombre"] for entry in key] == [1, 1, 1, 10]


def test_bounds_of_classes_are_round_and_tell_apart_what_differs() -> None:
    assert breaks([6365.2, 6372.7, 6380.1, 6390.4, 6391.0, 7012.3]) == [6380.0, 6400.0]
    assert all(round(cut * 100) % 5 == 0 for cut in breaks([1 + value / 37 for value in range(60)]))


def test_outlines_stand_beside_the_page_and_not_in_it() -> None:
    chart = Chart("carte", "Carte", "", france("regions", {"53": 1.0, "11": 2.0}, {}, "%"), Table("", ("", ""), []))
    assert "coordinates" not in drawn(chart)
    assert '"code":"53"' in drawn(chart)
    assert scripts()["rapport.js"].count('"MultiPolygon"') + scripts()["rapport.js"].count('"Polygon"') == 13 + 96


def test_classes_have_about_as_many_members_each() -> None:
    assert breaks([float(value) for value in range(100)]) == [20.0, 40.0, 60.0, 80.0]
    assert breaks([1.0]) == [1.0]
    assert breaks([2.0, 2.0, 2.0]) == [2.0]
