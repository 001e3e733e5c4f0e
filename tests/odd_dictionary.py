"""INSEE's dictionary of the indicators of sustainable development, as the two seeds that dbt reads.

``python -m tests.odd_dictionary dico.xlsx`` writes them when INSEE publishes a newer dictionary; a test compares them
with the one that was seen.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from dataelec_assets import xlsx

SEEDS = Path(__file__).parents[1] / "dbt" / "seeds"
LINES, TERMS = "odd_dictionnaire", "odd_termes"

# Of our seed, and of the dictionary.
COLUMNS = {
    "no_indic": "Numero indicateur",
    "variable": "Variable",
    "sous_champ": "Sous-champ",
    "libelle": "Libellé de la variable",
    "libelle_sous_champ": "Libellé du sous-champ",
    "type_var": "Type de variable",
    "source": "Source",
    "millesimes": "Millésimes disponibles",
    "unite": "Unité",
    "formule": "Formule de l'indicateur",
}
GRAINS = ("COM", "EPCI", "CRTE", "DEP", "REG", "PRO", "MET", "FHM", "FRA")

# A term is a variable, or one of its parts behind a point.
_TERM = re.compile(r"[A-Za-z0-9_]+(?:[.][A-Za-z0-9_]+)?")

Term = tuple[str, str, str, str, str, int]


def read(path: Path) -> Iterator[dict[str, str]]:
    """Yield the lines of the only sheet by the labels of its first line; a missing cell is empty."""
    with zipfile.ZipFile(path) as book:
        (part,) = xlsx.sheets(book).values()
        lines = (cells for _, cells in xlsx.rows(book, part))
        labels = next(lines)
        for cells in lines:
            texts = (*map(_spaced, cells), *[""] * len(labels))
            yield dict(zip(labels, texts, strict=False))


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def quotient(formula: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]], float] | None:
    """Return signed terms above and below the line, and the factor; None if the formula is no quotient of two sums.

    >>> quotient("oma_qhab = dcoll_oma / (pop.a – pop.b) * 1000")
    ([(1, 'dcoll_oma')], [(1, 'pop.a'), (-1, 'pop.b')], 1000.0)
    """
    right = re.sub(r"\s+", "", formula.partition("=")[2].replace("–", "-"))
    factors = [float(each) for each in re.findall(r"(?<=[*])1(?:0)+(?![\w.])", right)]
    right = re.sub(r"[*]1(?:0)+(?![\w.])", "", right)
    while (bare := re.sub(r"^\((.*)\)$", r"\1", right)) != right and _is_balanced(bare):
        right = bare
    above, slash, below = right.partition("/")
    if not slash:
        return None
    sides = [_sum(each) for each in (above, below)]
    if sides[0] is None or sides[1] is None:
        return None
    factor = 1.0
    for each in factors:
        factor *= each
    return sides[0], sides[1], factor


def _is_balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def _sum(text: str) -> list[tuple[int, str]] | None:
    """Return the signed terms of ``(a+b-c)``; None for anything else."""
    bare = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    terms = re.findall(r"([+-]?)([^+-]+)", bare)
    if not terms or any(_TERM.fullmatch(name) is None for _, name in terms):
        return None
    return [(-1 if sign == "-" else 1, name) for sign, name in terms]


def seeds(path: Path) -> dict[str, str]:
    """Return the text of each seed."""
    lines = list(read(path))
    known = {(line["Variable"], line["Sous-champ"]) for line in lines}
    rows, terms = [], dict[Term, None]()
    for line in lines:
        found = quotient(line[COLUMNS["formule"]])
        # Some formulas name what the dictionary does not hold.
        if found is not None and any(_split(name) not in known for side in found[:2] for _, name in side):
            found = None
        values = {ours: line[theirs] for ours, theirs in COLUMNS.items()}
        values["type_var"] = "i" if "i" in values["type_var"].partition(":")[0] else "c"
        values["fichiers"] = " ".join(grain for grain in GRAINS if line[f"Fichier {grain}"].startswith("Oui"))
        values["facteur"] = f"{found[2]:g}" if found else ""
        rows.append(values)
        if found:
            for place, side in zip(("numerateur", "denominateur"), found[:2], strict=True):
                for sign, name in side:
                    terms[line["Variable"], line["Sous-champ"], place, *_split(name), sign] = None
    header = ("variable", "sous_champ", "place", "variable_terme", "sous_champ_terme", "signe")
    return {
        LINES: _csv(list(rows[0]), [list(row.values()) for row in rows]),
        TERMS: _csv(header, terms),
    }


def _split(name: str) -> tuple[str, str]:
    variable, _, part = name.partition(".")
    return variable, part


def _csv(header: object, rows: object) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)  # type: ignore[arg-type]
    writer.writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


if __name__ == "__main__":
    for name, content in seeds(Path(sys.argv[1])).items():
        (SEEDS / f"{name}.csv").write_text(content, "utf-8")
