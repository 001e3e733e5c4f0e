"""Line by line, what is accepted of an imported file, and what is refused, with the reason and what to do.

A line never stops the others. What would betray persons stops the file (:mod:`.secrecy`, :mod:`.columns`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from dataelec_assets.catalog import slug
from dataelec_assets.ingest.imports.columns import Layout
from dataelec_assets.ingest.imports.findings import Accepted, Examined, Refusal, shown
from dataelec_assets.ingest.imports.lines import Line, Lines
from dataelec_assets.ingest.imports.places import GRAINS, Places, code_of
from dataelec_assets.ingest.imports.values import Marker, value_of
from dataelec_assets.ingest.imports.words import adds_up, comparable, nature_of, unit_of

# INSEE's series by commune begins with that census; before it, a year is a slip of the pen.
FIRST_YEAR = 1876

# Of a code that is served: a parameter of the API has 80 characters at most.
LONGEST_CODE = 80

# Characters of a label or source: a sentence, not a page.
LONGEST_TEXT = 300

_GRAINS: Mapping[str, str] = {
    **{each: each for each in GRAINS},
    **dict.fromkeys(("com", "communes"), "commune"),
    **dict.fromkeys(("intercommunalite", "intercommunalites"), "epci"),
    **dict.fromkeys(("dep", "departements"), "departement"),
    **dict.fromkeys(("reg", "regions"), "region"),
    **dict.fromkeys(("met", "fm", "france metropolitaine"), "metropole"),
    **dict.fromkeys(("fr", "fra", "france", "pays"), "nation"),
}
_NATURES = "effectif, taux (ou ratio), médiane ou indice"

# Wrong codes for which the nearest is sought: each is compared with hundreds.
_SOUGHT = 100

# Whatever begins so is a formula in a spreadsheet that opens a CSV.
_FORMULA = re.compile(r"[=+@\-|]")


class _Refused(Exception):
    def __init__(self, column: str, value: str, reason: str, advice: str) -> None:
        self.details = column, shown(value), reason, advice


def examine(lines: Lines, layout: Layout, places: Places, owner: str, this_year: int) -> Examined:
    """Return the lines of a file that are accepted, and those that are not.

    Args:
        lines: of the file.
        layout: where its columns lie.
        places: the territories that there are.
        owner: whose file it is, in snake_case; part of the codes.
        this_year: the current one: a value of the future is a target, not an observation.
    """
    examination = _Examination(layout, places, owner, this_year)
    read: list[Accepted] = []
    refused: list[Refusal] = []
    for line in lines.lines:
        try:
            read.append(examination.accepted(line))
        except _Refused as error:
            refused.append(Refusal(line.number, *error.details))
    twice = list(_repeated(read))
    left_out = {each.line for each in twice}
    accepted = tuple(each for each in read if each.number not in left_out)
    return Examined(
        accepted, tuple(sorted([*refused, *twice], key=lambda each: each.line)), tuple(examination.remarks())
    )


def _repeated(read: list[Accepted]) -> Iterator[Refusal]:
    """Yield the lines that repeat an earlier one, and all of those that contradict each other."""
    by_key: dict[tuple[str, str, str, int], list[Accepted]] = defaultdict(list)
    for each in read:
        by_key[each.key].append(each)
    for same in by_key.values():
        first, *others = same
        if not others:
            continue
        agree = all((each.value, each.marker) == (first.value, first.marker) for each in others)
        for each in others if agree else same:
            other = first if each is not first else others[0]
            words = "la même valeur" if agree else "une autre valeur : aucune des deux n'est gardée"
            yield Refusal(
                each.number,
                "valeur",
                "" if each.value is None else f"{each.value:g}",
                f"la ligne {other.number} donne {words} pour le même indicateur, territoire et année",
                "Gardez une ligne par indicateur, territoire et année.",
            )


class _Examination:
    """What is known of a file while its lines are read."""

    def __init__(self, layout: Layout, places: Places, owner: str, this_year: int) -> None:
        self._layout, self._places, self._owner, self._this_year = layout, places, owner, this_year
        # Of each indicator: the line that told of it first.
        self._first: dict[str, Accepted] = {}
        self._sought: dict[tuple[str, str], str | None] = {}
        self._zeros = 0
        self._followed: dict[str, str] = {}
        self._units: dict[str, str] = {}

    def accepted(self, line: Line) -> Accepted:
        if len(line.cells) > self._layout.width:
            raise _Refused(
                "",
                "",
                f"la ligne a {len(line.cells)} cellules pour {self._layout.width} en-têtes",
                "Mettez entre guillemets les textes qui contiennent le séparateur.",
            )
        cells = {
            name: line.cells[place] if place < len(line.cells) else "" for name, place in self._layout.places.items()
        }
        code = self._indicator(cells["indicateur"])
        label, source = (self._text(name, cells[name]) for name in ("libelle", "source"))
        unit, nature = self._unit(cells["unite"]), self._nature(cells["nature"])
        if nature == "effectif" and not adds_up(unit):
            raise _Refused(
                "nature",
                cells["nature"],
                f"un effectif s'additionne, et des valeurs en {unit} ne s'additionnent pas",
                "Écrivez la nature taux, médiane ou indice, ou corrigez l'unité.",
            )
        grain = self._grain(cells["maille"])
        place = self._place(grain, cells["code"], nature)
        value, marker = self._value(cells["valeur"], nature)
        found = Accepted(
            line.number,
            *(code, label, unit, nature, source),
            *(grain, place, self._year(cells["annee"]), value, marker),
        )
        self._same_as_first(found, cells)
        return found

    def remarks(self) -> Iterator[str]:
        if self._zeros:
            yield f"{self._zeros} code(s) de territoire ont retrouvé leur zéro initial ou leur forme officielle."
        for code, words in sorted(self._followed.items()):
            yield f"{code} : {words}."
        for written, unit in sorted(self._units.items()):
            yield f"L'unité « {written} » est servie comme « {unit} »."
        if self._layout.ignored:
            yield f"Colonnes non chargées : {', '.join(shown(each) for each in self._layout.ignored)}."

    def _same_as_first(self, found: Accepted, cells: Mapping[str, str]) -> None:
        first = self._first.setdefault(found.code, found)
        pairs = {
            "libelle": (first.label, found.label),
            "unite": (first.unit, found.unit),
            "nature": (first.nature, found.nature),
            "source": (first.source, found.source),
        }
        for column, (before, now) in pairs.items():
            if before != now:
                raise _Refused(
                    column,
                    cells[column],
                    f"la ligne {first.number} donne « {shown(before)} » au même indicateur",
                    "Un indicateur a un libellé, une unité, une nature et une source : donnez un autre code à l'autre.",
                )

    def _text(self, column: str, text: str) -> str:
        if not text:
            raise _Refused(column, text, "la cellule est vide", "Remplissez-la.")
        if _FORMULA.match(text):
            raise _Refused(
                column, text, "un tableur y lirait une formule", "Commencez le texte par une lettre ou un chiffre."
            )
        if len(text) > LONGEST_TEXT:
            raise _Refused(column, text, f"le texte a plus de {LONGEST_TEXT} caractères", "Raccourcissez-le.")
        return re.sub(r"[\s\u00a0\u202f]+", " ", text)

    def _indicator(self, text: str) -> str:
        name = slug(self._text("indicateur", text))
        if not name:
            raise _Refused(
                "indicateur", text, "le code n'a ni lettre ni chiffre", "Écrivez-le comme logements_vacants."
            )
        code = f"imp_{self._owner}__{name}"
        if len(code) > LONGEST_CODE:
            raise _Refused(
                "indicateur",
                text,
                f"le code servi, {shown(code)}, aurait plus de {LONGEST_CODE} caractères",
                "Raccourcissez le code de l'indicateur.",
            )
        return code

    def _unit(self, text: str) -> str:
        written = self._text("unite", text)
        unit = unit_of(written)
        if unit != written:
            self._units[written] = unit
        return unit

    def _nature(self, text: str) -> str:
        nature = nature_of(text)
        if nature is None:
            raise _Refused("nature", text, "nature inconnue", f"Écrivez {_NATURES}.")
        return nature

    def _grain(self, text: str) -> str:
        grain = _GRAINS.get(comparable(text))
        if grain is None:
            raise _Refused("maille", text, "maille inconnue", f"Écrivez {', '.join(GRAINS)}.")
        return grain

    def _place(self, grain: str, text: str, nature: str) -> str:
        code = code_of(grain, text)
        if grain not in ("nation", "metropole") and code != text:
            self._zeros += 1
        if code in self._places.names.get(grain, {}):
            return code
        if grain == "commune" and code in self._places.ended:
            return self._of_ended(code, text, nature)
        if grain == "commune" and code in self._places.districts:
            raise _Refused(
                "code",
                text,
                "un arrondissement municipal n'est pas une commune",
                f"Donnez la valeur de la ville ({self._places.districts[code]}).",
            )
        nearest = self._nearest(grain, code)
        edition = f" (code officiel géographique de {self._places.vintage})" if self._places.vintage else ""
        raise _Refused(
            "code",
            text,
            f"aucun territoire de maille {grain} n'a ce code{edition}",
            f"Le plus proche est {nearest}." if nearest else "Vérifiez le code et la maille.",
        )

    def _nearest(self, grain: str, code: str) -> str | None:
        if (grain, code) not in self._sought and len(self._sought) < _SOUGHT:
            self._sought[grain, code] = self._places.nearest(grain, code)
        return self._sought.get((grain, code))

    def _of_ended(self, code: str, text: str, nature: str) -> str:
        ended = self._places.ended[code]
        if ended.successor is None:
            raise _Refused(
                "code",
                text,
                f"la commune {ended.name} n'existe plus, et son territoire a été partagé",
                "Donnez les valeurs des communes actuelles.",
            )
        name = self._places.names["commune"].get(ended.successor, "")
        successor = f"{ended.successor} ({name})" if name else ended.successor
        if nature != "effectif":
            raise _Refused(
                "code",
                text,
                f"la commune {ended.name} fait aujourd'hui partie de {successor}, et un taux, une médiane ou un indice "
                "ne se réunit pas",
                f"Donnez la valeur de {successor}.",
            )
        self._followed[code] = f"{ended.name} fait aujourd'hui partie de {successor}, où son effectif est compté"
        return code

    def _year(self, text: str) -> int:
        if not re.fullmatch(r"\d{4}", text, re.ASCII):
            raise _Refused("annee", text, "une année a quatre chiffres", "Écrivez-la comme 2024.")
        year = int(text)
        if year > self._this_year:
            raise _Refused(
                "annee", text, "l'année est à venir : un objectif n'est pas une valeur observée", "Retirez la ligne."
            )
        if year < FIRST_YEAR:
            raise _Refused("annee", text, f"l'année est antérieure à {FIRST_YEAR}", "Vérifiez l'année.")
        return year

    def _value(self, text: str, nature: str) -> tuple[float | None, Marker | None]:
        found = value_of(text)
        if found is None:
            reason, advice = "ce n'est pas un nombre", "Écrivez un nombre, s s'il est secret, ou rien s'il est inconnu."
            if text.startswith("#"):
                reason, advice = "le tableur n'a pas pu calculer la cellule", "Corrigez sa formule."
            elif text.startswith("="):
                reason = "c'est une formule, et le fichier n'en donne pas le résultat"
                advice = "Collez les valeurs à la place des formules."
            raise _Refused("valeur", text, reason, advice)
        if nature == "effectif" and found[0] is not None and found[0] < 0:
            raise _Refused("valeur", text, "un effectif n'est pas négatif", "Corrigez-le, ou changez la nature.")
        return found
