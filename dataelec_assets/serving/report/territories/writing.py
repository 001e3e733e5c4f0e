"""Writes the pages of the territories, or takes over those whose figures have not moved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from dataelec_assets.serving.report.reading import Served, Unavailable
from dataelec_assets.serving.report.territories import communes, search
from dataelec_assets.serving.report.territories.folder import Folder, Written
from dataelec_assets.serving.report.territories.frame import COMMUNES_SCRIPT, SCRIPT, STYLE, Frame, asset
from dataelec_assets.serving.report.territories.headlines import Breaks, Series, read_breaks, read_series
from dataelec_assets.serving.report.territories.pages import main_of
from dataelec_assets.serving.report.territories.places import Place, Places, read_places
from dataelec_assets.serving.report.territories.readings import Known, read_readings
from dataelec_assets.serving.report.territories.sheets import FRANCE, Gathering, Sheet
from dataelec_assets.serving.report.territories.typology import read_types

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
    gathering = Gathering(places, series, readings, breaks, read_types(served))
    _shared(folder, style)
    _index(folder, frame, places)
    for sheet in gathering.sheets():
        folder.put(sheet.place.href, (frame.synthetic, sheet), partial(_page, frame, sheet))
    _communes_page(folder, frame, places, series, breaks)
    _communes_data(served, folder, frame, gathering)
    return folder.done


def _indicators(served: Served) -> tuple[list[Series], dict[tuple[str, str], Known], Breaks]:
    """Return what is known of indicators; nothing without their tables, and the pages say so."""
    try:
        series = read_series(served)
        return series, read_readings(served, series), read_breaks(served)
    except Unavailable:
        return [], {}, {}


def _shared(folder: Folder, style: str) -> None:
    """Put the style sheet and the scripts of all pages into the folder."""
    sheet = style + asset(STYLE)
    for name, text in ((STYLE, sheet), *((each, asset(each)) for each in (SCRIPT, COMMUNES_SCRIPT))):
        folder.put(name, text, partial(_commented, text))


def _commented(text: str, key: str) -> str:
    return f'/* "{key}" */\n{text}'


def _index(folder: Folder, frame: Frame, places: Places) -> None:
    """Put the list of the territories into the folder, and the one that the search reads."""
    main, found = search.index_main(places), search.search_content(places)
    folder.put("index.html", (frame.synthetic, main), lambda key: frame.page(key, "Territoires", main, current="index"))
    folder.put(search.INDEX, found, lambda key: search.script_of(key, "lieux", found))


def _page(frame: Frame, sheet: Sheet, key: str) -> str:
    return frame.page(key, sheet.place.name, main_of(sheet))


def _communes_page(folder: Folder, frame: Frame, places: Places, series: Sequence[Series], breaks: Breaks) -> None:
    """Put the one page of all communes into the folder, and what its script needs to know of the series."""
    main, told = search.communes_main(places), communes.definitions(series, breaks)
    folder.put(
        "communes.html",
        (frame.synthetic, main),
        lambda key: frame.page(key, "Communes", main, scripts=(COMMUNES_SCRIPT,), current="communes"),
    )
    folder.put(
        f"{communes.FOLDER}/{communes.DEFINITIONS}", told, lambda key: search.script_of(key, "definitions", told)
    )


def _communes_data(served: Served, folder: Folder, frame: Frame, gathering: Gathering) -> None:
    """Put the data files of the communes into the folder; rows are read of those only that have moved."""
    series, types = gathering.series, gathering.types
    try:
        prints = communes.fingerprints(served, series)
    except Unavailable:
        prints = {}
    for file, members in communes.communes_by_file(gathering.places.each("commune")).items():
        beside = _beside(file, members, gathering)
        kinds = [(each.number, each.label) for each in map(types.of, members) if each is not None]
        key = folder.key((prints.get(file), members, series, kinds, beside))
        name = f"{communes.FOLDER}/{file}.js"
        if not folder.is_kept(name, key):
            values = communes.values_of(served, series, file) if file in prints else {}
            content = communes.file_content(series, members, values, beside, types)
            folder.write(name, search.script_of(key, "communes", file, content, frame.written))


def _beside(file: str, members: Sequence[Place], gathering: Gathering) -> dict[str, tuple[Place, Known]]:
    """Return what the communes of a file are set against: France, their département and région, their EPCI."""
    places = gathering.places
    departement = places.get("departement", file)
    above = () if departement is None else (*gathering.above(departement), departement)
    epcis = [places.get("epci", code) for code in sorted({each.epci for each in members if each.epci})]
    found = [FRANCE, *above, *(each for each in epcis if each is not None)]
    return {each.code if each.grain == "epci" else each.grain: (each, gathering.known(each)) for each in found}
