"""Refuses a file whose counts of persons or homes are too small to be shown, or can be found by subtraction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports.findings import Accepted
from dataelec_assets.ingest.imports.places import Places
from dataelec_assets.ingest.imports.words import counts_people
from dataelec_assets.privacy.small_cells import FEWEST

# Lines that a message names.
_NAMED = 5


def refuse_small_cells(name: str, accepted: Sequence[Accepted], places: Places) -> None:
    """Refuse a file that tells of fewer than ten persons or homes.

    Args:
        name: of the file.
        accepted: its lines.
        places: which territories contain which.

    Raises:
        FileRefused: a count lies between one and nine, or what a total leaves to the territories that are not shown
            does. The message names lines, no values.
    """
    counts = [each for each in accepted if each.nature == "effectif" and counts_people(each.unit, each.label)]
    small = [each.number for each in counts if each.value is not None and 0 < each.value < FEWEST]
    if small:
        raise FileRefused(
            f"{name} est refusé en entier, rien n'en est gardé : moins de {FEWEST} personnes ou logements "
            f"({_named(small)}).",
            advice="Écrivez s (secret) à la place, et cachez assez d'autres valeurs pour qu'un total n'y ramène pas "
            "(docs/confidentialite.md).",
        )
    betrayed = sorted(_betrayed(counts, places))
    if betrayed:
        raise FileRefused(
            f"{name} est refusé en entier, rien n'en est gardé : un total, moins les valeurs montrées de ses parties, "
            f"laisse moins de {FEWEST} personnes ou logements à celles qui sont cachées ({_named(betrayed)}).",
            advice="Cachez (s) d'autres parties, ou le total lui-même (docs/confidentialite.md).",
        )


def _named(numbers: Sequence[int]) -> str:
    listed = ", ".join(map(str, numbers[:_NAMED]))
    return f"ligne{'s' if len(numbers) > 1 else ''} {listed}{', …' if len(numbers) > _NAMED else ''}"


def _betrayed(counts: Iterable[Accepted], places: Places) -> Iterator[int]:
    """Yield the lines of totals that leave too few to the parts that are not shown."""
    totals: dict[tuple[str, int, str, str], Accepted] = {}
    parts: dict[tuple[str, int, str, str], dict[str, list[float | None]]] = defaultdict(lambda: defaultdict(list))
    for each in counts:
        totals[each.code, each.year, each.grain, each.place] = each
        place = each.place
        if each.grain == "commune" and place in places.ended:
            place = places.ended[place].successor or place
        for grain, above in places.parents.get((each.grain, place), ()):
            parts[each.code, each.year, grain, above][each.grain].append(each.value)
    children: dict[tuple[str, str, str], int] = defaultdict(int)
    for (grain, _), containing in places.parents.items():
        for over, code in containing:
            children[grain, over, code] += 1
    for key, by_grain in parts.items():
        total = totals.get(key)
        if total is None or total.value is None:
            continue
        for grain, values in by_grain.items():
            shown = [value for value in values if value is not None]
            is_hiding = len(shown) < len(values) or len(values) < children[grain, key[2], key[3]]
            if is_hiding and 0 < total.value - sum(shown) < FEWEST:
                yield total.number
