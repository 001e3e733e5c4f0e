"""A territory beside others: bars of one series and one year."""

from __future__ import annotations

from markupsafe import Markup

from dataelec_assets.serving.report.figures import Basis, Part, Prose, Quoted, during
from dataelec_assets.serving.report.french import MISSING, number
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.territories.headlines import Series
from dataelec_assets.serving.report.territories.markup import Row, Table, figure_markup, section_markup
from dataelec_assets.serving.report.territories.places import Place
from dataelec_assets.serving.report.territories.readings import FACTS, Reading
from dataelec_assets.serving.report.territories.sheets import Comparison, Sheet

PARTIAL = "*"
PARTIAL_NOTE = (
    f"{PARTIAL} Une partie manque ou relève du secret statistique : un total est alors un minimum, un rapport celui "
    "des parties connues."
)


def yearly(year: int, source: str = FACTS) -> Basis:
    """Return the basis of figures that a publisher gives for a year."""
    return Basis(Period.year(year), source)


def around(sheet: Sheet) -> Markup | None:
    """Return the section that puts a territory beside others; None where none is comparable."""
    if not sheet.around:
        return None
    figures = [comparison(sheet.place, each, "autour") for each in sheet.around]
    has_others = any(
        place.grain == sheet.place.grain and place != sheet.place for each in sheet.around for place, _ in each.values
    )
    title = "Face à sa région et à la France"
    if has_others:
        title = (
            "Face aux départements voisins"
            if sheet.place.grain == "departement"
            else "Face aux autres intercommunalités du département"
        )
    elif sheet.place.grain == "epci":
        title = "Face à son département et à la France"
    return section_markup("voisins", title, *figures)


def comparison(place: Place, found: Comparison, group: str) -> Markup:
    """Return bars of one series for a territory and others, from the highest; the unknown ones come last.

    Args:
        place: the territory of the page.
        found: values of one year.
        group: begins the key of the figure: one series may be compared in several sections.
    """
    series, at = found.series, yearly(found.year)
    read = [(each, one) for each, one in found.values if one is not None and one.value is not None]
    known = sorted(read, key=lambda pair: (-(pair[1].value or 0), pair[0].code))
    unknown = [(each, one) for each, one in found.values if one is None or one.value is None]
    alike = [(each, one) for each, one in known if each.grain == place.grain]
    own = found.values[0][1]
    summary: list[Part] = [Quoted(place.name), " : ", _figure(at, series, own), "."]
    if len(alike) > 1:
        (top, high), (bottom, low) = alike[0], alike[-1]
        summary += [" Le plus haut : ", Quoted(top.name), " (", _figure(at, series, high), ") ; le plus bas : "]
        summary += [Quoted(bottom.name), " (", _figure(at, series, low), ")."]
    rows = [
        Row(_called(each, place), (value_of(series, one),), at, _linked(each, place), each == place)
        for each, one in [*known, *unknown]
    ]
    notes: list[Prose] = []
    if unknown:
        notes.append((f"{MISSING} : valeur inconnue ou secrète (", at.figure(len(unknown)), " en fin de tableau)."))
    if any(one.is_minimum for _, one in known):
        notes.append(PARTIAL_NOTE)
    if series.warning:
        notes.append(Quoted(series.warning))
    key = f"{group}-{series.key.replace(':', '-')}"
    caption: Prose = (Quoted(series.label), ", ", during(at.period))
    table = Table(caption, ("Territoire", series.unit), rows)
    return figure_markup(key, Quoted(series.label), summary, table, drawing="barres", notes=notes)


def _figure(at: Basis, series: Series, reading: Reading | None) -> Part:
    return at.figure(None if reading is None else reading.value, series.digits, series.unit)


def _called(each: Place, place: Place) -> str:
    if each.grain in {place.grain, "nation"}:
        return each.name
    return f"{each.name} ({'région' if each.grain == 'region' else 'département'})"


def _linked(each: Place, place: Place) -> str:
    return "" if each == place or each.grain == "nation" else each.href


def value_of(series: Series, reading: Reading | None) -> str:
    """Return a value as a table prints it, with a mark where a part is missing."""
    if reading is None or reading.value is None:
        return MISSING
    return number(reading.value, series.digits) + (f" {PARTIAL}" if reading.is_minimum else "")
