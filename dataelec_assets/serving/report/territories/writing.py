"""Writes the pages of the territories, or takes over those whose figures have not moved."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from dataelec_assets.serving.report.reading import Served, Unavailable
from dataelec_assets.serving.report.territories import communes, search
from dataelec_assets.serving.report.territories.folder import Folder, Written
from dataelec_assets.serving.report.territories.frame import COMMUNES_SCRIPT, SCRIPT, STYLE, Frame, asset
from dataelec_assets.serving.report.territories.headlines import Series, read_breaks, read_series
from dataelec_assets.serving.report.territories.pages import main_of
from dataelec_assets.serving.report.territories.places import Place, Places, read_places
from dataelec_assets.serving.report.territories.readings import Known, read_readings
from dataelec_assets.serving.report.territories.sheets import FRANCE, Gathering, Sheet
from dataelec_assets.serving.report.territories.typology import Types, read_types

FOLDER = "territoires"


def write_territories(served: Served, folder: Folder, frame: Frame, style: str) -> Written:
    """Write the pages.

    Args:
        served: the file.
        folder: where they go.
        frame: what stands around their content.
        style: the style sheet that all pages of the report share.
    """
    places = read_places(served)
    series, readings, breaks = _indicators(served)
    types = read_types(served)
    folder.put(STYLE, style, lambda key: f'/* "{key}" */\n{style}{asset(STYLE)}')
    for name in (SCRIPT, COMMUNES_SCRIPT):
        folder.put(name, asset(name), partial(_script, name))
    seen = frame.synthetic, places.of
    title = "Territoires"
    folder.put(
        "index.html", seen, lambda key: frame.page(key, title, search.index_main(places), current="index")
    )
    found = search.search_content(places)
    folder.put(search.INDEX, found, lambda key: search.script_of(key, "lieux", found))
    gathering = Gathering(places, series, readings, breaks, types)
    for sheet in gathering.sheets():
        folder.put(sheet.place.href, (frame.synthetic, sheet), partial(_page, frame, sheet))
    folder.put(
        "communes.html",
        (frame.synthetic, list(places.each("departement"))),
        lambda key: frame.page(
            key, "Communes", search.communes_main(places), scripts=(COMMUNES_SCRIPT,), current="communes"
        ),
    )
    told = communes.definitions(series, breaks)
    folder.put(
        f"{communes.FOLDER}/{communes.DEFINITIONS}", told, lambda key: search.script_of(key, "definitions", told)
    )
    _communes(served, folder, places, series, gathering, types)
    return Written(folder.written, folder.kept)


def _indicators(
    served: Served,
) -> tuple[list[Series], dict[tuple[str, str], Known], dict[str, list[tuple[int, str]]]]:
    """Return what is known of indicators; nothing without their tables, and the pages say so."""
    try:
        series = read_series(served)
        return series, read_readings(served, series), read_breaks(served)
    except Unavailable:
        return [], {}, {}


def _script(name: str, key: str) -> str:
    return f'/* "{key}" */\n{asset(name)}'


def _page(frame: Frame, sheet: Sheet, key: str) -> str:
    return frame.page(key, sheet.place.name, main_of(sheet))


def _communes(
    served: Served, folder: Folder, places: Places, series: list[Series], gathering: Gathering, types: Types
) -> None:
    try:
        prints = communes.fingerprints(served, series) if series else {}
    except Unavailable:
        prints = {}
    for file, members in communes.communes_by_file(places.each("commune")).items():
        beside = _beside(file, members, places, gathering)
        kinds = [(each.number, each.label) for each in map(types.of, members) if each is not None]
        key = folder.key((prints.get(file), members, series, kinds, beside))
        name = f"{communes.FOLDER}/{file}.js"
        if not folder.is_kept(name, key):
            values = communes.values_of(served, series, file) if file in prints else {}
            content = communes.file_content(series, members, values, beside, types)
            folder.write(name, search.script_of(key, "communes", file, content))


def _beside(
    file: str, members: list[Place], places: Places, gathering: Gathering
) -> dict[str, tuple[Place, Known]]:
    """Return what the communes of a file are set against: France, their département and région, their EPCI."""
    departement = places.get("departement", file)
    above = () if departement is None else (*gathering.above(departement), departement)
    epcis = [places.get("epci", code) for code in sorted({each.epci for each in members if each.epci})]
    found = [FRANCE, *above, *(each for each in epcis if each is not None)]
    return {_called(each): (each, gathering.known(each)) for each in found}


def _called(place: Place) -> str:
    return place.code if place.grain == "epci" else place.grain
