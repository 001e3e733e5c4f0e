"""The page of a département or an EPCI, from its sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from dataelec_assets.serving.report.components import LEAST_POINTS
from dataelec_assets.serving.report.figures import Basis, Part, Prose, Quoted, during, in_year, markup
from dataelec_assets.serving.report.french import MISSING, listed, number
from dataelec_assets.serving.report.territories.comparisons import (
    PARTIAL_NOTE,
    around,
    comparison,
    value_of,
    yearly,
)
from dataelec_assets.serving.report.territories.markup import (
    Row,
    Table,
    figure_markup,
    links,
    paragraph,
    section_markup,
)
from dataelec_assets.serving.report.territories.readings import COMPARED, FACTS, Reading
from dataelec_assets.serving.report.territories.sheets import History, Line, Sheet
from dataelec_assets.serving.report.territories.typology import GROUPS, Kind

_RANKED = (
    "Rang parmi les territoires de même maille qui ont une valeur cette année-là, du plus élevé au plus bas : il ne "
    "dit pas qui fait mieux."
)


def main_of(sheet: Sheet) -> Markup:
    """Return the content of the page of a département or an EPCI."""
    place = sheet.place
    kind = "Département" if place.grain == "departement" else "Intercommunalité (EPCI)"
    among = "départements" if place.grain == "departement" else "intercommunalités"
    where: list[Part] = [f"{kind} ", Quoted(place.code)]
    made = [
        Markup("<h1>{}</h1>").format(markup(Quoted(place.name))),
        paragraph(where, "lede"),
        links([(each.name, each.href) for each in sheet.above]),
    ]
    if not sheet.lines:
        reason = paragraph("Rien à montrer ici : aucun indicateur n’est connu de ce territoire.", "reason")
        made.append(section_markup("essentiel", "L’essentiel", reason))
    else:
        made.append(section_markup("essentiel", "L’essentiel", _facts(sheet.lines, among)))
        made += [each for each in (around(sheet), _history(sheet)) if each]
        made.append(section_markup("indicateurs", "Les indicateurs", _indicators(sheet)))
        made += [each for each in (_sectors(sheet),) if each]
    made += [each for each in (_type(sheet), _members(sheet)) if each]
    return Markup("\n").join(made)


def _facts(lines: Sequence[Line], among: str) -> Markup:
    shown = [line for line in lines if line.series.is_large and line.own.value is not None]
    items = [
        Markup('<li {}><strong>{}</strong> <span>{}</span> <span class="periode">{}</span></li>').format(
            at.attributes,
            markup(at.figure(line.own.value, line.series.digits, line.series.unit), at, is_cell=True),
            markup([Quoted(line.series.label), *_rank(at, line.own, among)], at, is_cell=True),
            markup(during(at.period)),
        )
        for line in shown
        for at in [yearly(line.own.year, f"{FACTS} {COMPARED}")]
    ]
    if not items:
        return paragraph("Aucune des grandeurs principales n’est connue ; le tableau plus bas dit pourquoi.", "reason")
    return Markup('<ul class="facts">{}</ul>').format(Markup("\n").join(items))


def _rank(at: Basis, own: Reading, among: str) -> list[Part]:
    if own.rank is None or own.peers is None or own.peers < 2:  # noqa: PLR2004 - alone, nothing is ranked
        return []
    return [" : rang ", at.figure(own.rank), " sur ", at.figure(own.peers), f" {among}"]


def _history(sheet: Sheet) -> Markup | None:
    histories = [each for each in sheet.histories if any(one.value is not None for one in each.readings)]
    if not histories:
        return None
    return section_markup("evolution", "Au fil des années", history_figure(histories))


def history_figure(histories: Sequence[History]) -> Markup:
    """Return series through the years: a row each year, a column each series, curves that stop at breaks."""
    years = sorted({one.year for each in histories for one in each.readings if one.value is not None})
    breaks = [each.drawn_breaks for each in histories]
    values = [{one.year: one for one in each.readings} for each in histories]
    rows = [
        Row(
            str(year),
            [value_of(each.series, by_year.get(year)) for each, by_year in zip(histories, values, strict=True)],
            yearly(year),
            breaks=frozenset(at for at, found in enumerate(breaks) if year in found),
        )
        for year in reversed(years)
    ]
    reasons = dict.fromkeys(pair for found in breaks for pair in found.values())
    summary = "Une ligne par année. " + (
        "Un trait vertical sépare deux séries qui ne se comparent pas."
        if reasons
        else "Aucune rupture de série n’est connue sur ces années."
    )
    notes: list[Prose] = [("Rupture en ", in_year(year), " : ", Quoted(reason)) for year, reason in reasons]
    short = [
        each.series.label for each in histories if sum(one.value is not None for one in each.readings) < LEAST_POINTS
    ]
    if short:
        notes.append(("Moins de quatre années connues, donc pas de courbe : ", Quoted(listed(short)), "."))
    if any(one.is_minimum and one.value is not None for each in histories for one in each.readings):
        notes.append(PARTIAL_NOTE)
    table = Table("Valeurs de chaque année", ("Année", *(each.series.name for each in histories)), rows)
    return figure_markup("evolution", "Année par année", summary, table, drawing="courbes", notes=notes)


def _indicators(sheet: Sheet) -> Markup:
    # The year stands first: it is the period of the row.
    parent = "—" if sheet.parent is None else sheet.parent.name
    headings = ("Indicateur", "Année", sheet.place.name, parent, "France", "Rang", "Parmi", "Évolution (%)", "Depuis")
    rows = [
        Row(
            line.series.name,
            (
                str(line.own.year),
                value_of(line.series, line.own),
                number(line.parent, line.series.digits),
                number(line.nation, line.series.digits),
                number(line.own.rank),
                number(None if line.own.rank is None else line.own.peers),
                _change(line.own),
                "" if line.own.since is None else str(line.own.since),
            ),
            yearly(line.own.year, f"{FACTS} {COMPARED}"),
        )
        for line in sheet.lines
    ]
    notes: list[Prose] = [_RANKED]
    notes += list(_reasons(sheet.lines))
    owners = {line.series.owner: None for line in sheet.lines if line.series.owner}
    if owners:
        notes.append(("Indicateurs importés par ", Quoted(listed(list(owners))), ", sous sa responsabilité."))
    sources = {name.strip(): None for line in sheet.lines for name in line.series.source.split(",")}
    notes.append(("Sources : ", Quoted(listed(list(sources))), "."))
    caption = "Dernière valeur connue de chaque indicateur"
    return figure_markup(
        "indicateurs",
        "Dernières valeurs",
        "Chaque ligne donne l’année de ses valeurs ; la même vaut pour le territoire, ce qui le contient et la France.",
        Table(caption, headings, rows),
        notes=notes,
    )


def _change(own: Reading) -> str:
    if own.break_reason:
        return "rupture"
    if own.change is None:
        return MISSING
    return ("+" if own.change > 0 else "") + number(own.change, 1)


def _reasons(lines: Sequence[Line]) -> Iterator[Prose]:
    silent: dict[str, list[str]] = {}
    for line in lines:
        if line.own.value is None and line.own.reason:
            silent.setdefault(line.own.reason, []).append(line.series.label)
    for reason, labels in silent.items():
        yield (f"{MISSING}, ", Quoted(reason), " : ", Quoted(listed(labels)), ".")
    if any(line.own.is_minimum and line.own.value is not None for line in lines):
        yield PARTIAL_NOTE


def _sectors(sheet: Sheet) -> Markup | None:
    newest = max((reading.year for _, reading in sheet.sectors), default=None)
    shown = [(series, reading) for series, reading in sheet.sectors if reading.year == newest]
    known = sorted(
        ((series, reading) for series, reading in shown if reading.value is not None),
        key=lambda pair: -(pair[1].value or 0),
    )
    if newest is None or not known:
        return None
    at = yearly(newest)
    first, reading = known[0]
    rows = [Row(series.label, (value_of(series, each),), at) for series, each in known]
    rows += [Row(series.label, (MISSING,), at) for series, each in shown if each.value is None]
    notes: list[Prose] = [PARTIAL_NOTE] if any(each.is_minimum for _, each in known) else []
    figure = figure_markup(
        "secteurs",
        "Électricité par secteur",
        ("Le premier secteur : ", Quoted(first.label), ", ", at.figure(reading.value, 0, first.unit), "."),
        Table(("Électricité livrée par secteur, ", during(at.period)), ("Secteur", first.unit), rows),
        drawing="barres",
        notes=notes,
    )
    return section_markup("secteurs", "Qui consomme", figure)


def _type(sheet: Sheet) -> Markup | None:
    kind = sheet.kind
    if kind is None:
        return None
    if kind.number is None:
        text: Prose = ("Pas de type pour ce territoire : ", Quoted(kind.reason or "indicateurs inconnus"), ".")
        return section_markup("type", "Son type", paragraph(text, "reason"))
    content = [
        paragraph(("Type : ", Quoted(kind.label), ". Un type décrit, il n’explique rien.")),
        _traits(kind),
        *(comparison(sheet.place, each, "type") for each in sheet.peers),
    ]
    if sheet.peers:
        content.insert(2, paragraph("Dans ce type, les plus proches par le nombre d’habitants :"))
    return section_markup("type", "Son type, et qui lui ressemble", *content)


def _traits(kind: Kind) -> Markup:
    items: list[Markup] = []
    for trait in kind.traits:
        at = yearly(trait.year, GROUPS)
        side = "plus élevé que la moyenne" if trait.is_above else "plus bas que la moyenne"
        said: Prose = (
            Quoted(trait.name),
            f" : {side} ; au centre du type, ",
            at.figure(trait.value, 1, trait.unit),
            " ",
            during(at.period),
            ".",
        )
        items.append(Markup("<li>{}</li>").format(markup(said)))
    return Markup("<ul>{}</ul>").format(Markup("").join(items))


def _members(sheet: Sheet) -> Markup | None:
    place = sheet.place
    content: list[Markup] = []
    if place.grain == "departement":
        content.append(
            links([("Toutes les communes du département, avec leurs chiffres", f"communes.html#{place.code}")])
        )
    if sheet.members:
        content.append(links([(each.name, each.href) for each in sheet.members]))
    if not content:
        return None
    title: Prose = "Ses intercommunalités et ses communes" if place.grain == "departement" else "Ses communes"
    if place.grain == "departement" and not sheet.members:
        content.append(
            paragraph("Aucune intercommunalité n’est connue : ni composition, ni consommation par commune.", "reason")
        )
    return section_markup("membres", title, *content)
