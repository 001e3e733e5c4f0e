"""The list of all territories that the search box reads, and the page that lists them by région."""

from __future__ import annotations

import json
from collections.abc import Iterable

from markupsafe import Markup

from dataelec_assets.serving.report.figures import Fixed, Quoted, markup
from dataelec_assets.serving.report.french import listed, number
from dataelec_assets.serving.report.territories.markup import links, paragraph, section_markup
from dataelec_assets.serving.report.territories.places import Grain, Place, Places

INDEX = "recherche.js"


def search_content(places: Places) -> dict[str, object]:
    """Return the territories as the script reads them, the most populated first within each grain.

    Communes are one text, a line each, ``33063 Bordeaux``: 35,000 lists would take twice the room.
    """
    return {
        "region": [[each.code, each.name, int(each.has_page)] for each in _by_size(places.each("region"))],
        "departement": [[each.code, each.name] for each in _by_size(places.each("departement"))],
        "epci": [[each.code, each.name, each.departement] for each in _by_size(places.each("epci"))],
        "commune": "\n".join(f"{each.code} {each.name}" for each in _by_size(places.each("commune"))),
    }


def _by_size(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda each: (-each.population, each.code))


def script_of(key: str, call: str, *arguments: object) -> str:
    """Return a script that hands data over: pages opened from a file may not fetch, but may load scripts.

    Args:
        key: what the file is known by at the next writing.
        call: function of ``window.dataelec``.
        arguments: plain values.
    """
    told = ", ".join(compact(each) for each in arguments)
    return f'/* "{key}" */\nwindow.dataelec.{call}({told});\n'


def compact(value: object) -> str:
    """Return a value as JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_COUNTED: tuple[tuple[Grain, str], ...] = (
    ("departement", "départements"),
    ("epci", "intercommunalités"),
    ("commune", "communes"),
)


def index_main(places: Places) -> Markup:
    """Return the content of the page of all territories."""
    counts = [(len(list(places.each(grain))), words) for grain, words in _COUNTED]
    lede = (
        "Cherchez un territoire par son nom ou son code, ou descendez de la région au département, à "
        "l’intercommunalité (EPCI) et à la commune. Chaque adresse est permanente : elle peut être gardée ou envoyée."
    )
    made = [
        Markup("<h1>Territoires</h1>"),
        paragraph(lede, "lede"),
        paragraph(Fixed(f"Dans cette publication : {listed([f'{number(n)} {words}' for n, words in counts])}.")),
    ]
    regions = list(places.each("region"))
    if not regions:
        reason = paragraph("Aucun territoire n’est chargé : ni régions, ni départements, ni communes.", "reason")
        return Markup("\n").join([*made, section_markup("regions", "Régions", reason)])
    for region in regions:
        inside = [each for each in places.each("departement") if each.region == region.code]
        content = [links([(f"{each.name} ({each.code})", each.href) for each in inside])]
        if region.has_page:
            content.insert(0, links([(f"Page de la région : {region.name}", region.href)]))
        made.append(section_markup(f"region-{region.code}", Quoted(region.name), *content))
    return Markup("\n").join(made)


def communes_main(places: Places) -> Markup:
    """Return what the page of the communes shows until its script shows one."""
    departements = [(f"{each.name} ({each.code})", f"communes.html#{each.code}") for each in places.each("departement")]
    return Markup("\n").join(
        [
            Markup("<h1>{}</h1>").format(markup("Communes")),
            paragraph(
                "Une page pour toutes les communes : cherchez la vôtre par son nom ou son code, ou choisissez un "
                "département pour comparer toutes les siennes.",
                "lede",
            ),
            Markup("<noscript>{}</noscript>").format(
                paragraph(
                    "Cette page compose ses tableaux avec un script, que votre navigateur n’exécute pas. Les pages des "
                    "départements et des intercommunalités se lisent sans script.",
                    "reason",
                )
            ),
            section_markup("departements", "Par département", links(departements))
            if departements
            else paragraph("Aucune commune n’est chargée.", "reason"),
        ]
    )
