"""The types of towns and EPCI, as the served file has them; a refused typology says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dataelec_assets.serving.report.reading import Row, Served, Unavailable
from dataelec_assets.serving.report.territories.places import Place

TYPES = "mart_typologie_territoires"
GROUPS = "mart_typologie_groupes"

# What tells a type from the mean of all, in half a sentence.
_TRAITS = 3


@dataclass(frozen=True, slots=True)
class Trait:
    """What sets a type apart: an indicator, its value at the centre of the type, and the year of that value."""

    name: str
    value: float
    unit: str
    year: int
    is_above: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a territory.

    Attributes:
        number: of the type in this publication; None without one.
        label: the type in words.
        members: how many territories it has.
        traits: what sets it apart.
        reason: why it has no type.
    """

    number: int | None
    label: str = ""
    members: int = 0
    traits: tuple[Trait, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class Types:
    """The types by grain and code."""

    kinds: dict[tuple[str, str], Kind] = field(default_factory=dict)
    groups: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def of(self, place: Place) -> Kind | None:
        """Return the type of a territory; None where no typology is made of its grain, or none is served."""
        found = self.kinds.get((place.grain, place.code))
        if found is None and place.grain in self.refused:
            return Kind(None, reason=self.refused[place.grain])
        return found

    def alike(self, place: Place) -> Sequence[str]:
        """Return the codes of the other territories of the same type."""
        kind = self.kinds.get((place.grain, place.code))
        if kind is None or kind.number is None:
            return ()
        return [code for code in self.groups.get((place.grain, kind.number), ()) if code != place.code]


def read_types(served: Served) -> Types:
    """Return the types of the file; none when it has none."""
    found = Types()
    try:
        rows = served.rows(
            """
            select maille, code_territoire, groupe, libelle_groupe, motif from mart_typologie_territoires
            order by maille, code_territoire
            """
        )
    except Unavailable:
        return found
    traits = _traits(served)
    for row in rows:
        maille, code, number = row["maille"], row["code_territoire"], row["groupe"]
        if number is None:
            found.kinds[maille, code] = Kind(None, reason=row["motif"] or "")
            continue
        members, told = traits.get((maille, number), (0, ()))
        found.kinds[maille, code] = Kind(number, row["libelle_groupe"] or "", members, told)
        found.groups.setdefault((maille, number), []).append(code)
    return found


def _traits(served: Served) -> dict[tuple[str, int], tuple[int, tuple[Trait, ...]]]:
    try:
        rows = served.rows(
            f"""
            select g.maille, g.groupe, g.nombre_territoires, g.valeur_centrale, g.unite, g.ecart_a_la_moyenne, m.annee,
                i.libelle || coalesce(' (' || g.sous_champ || ')', '') as nom
            from mart_typologie_groupes as g
            inner join dim_indicateur as i on g.code_indicateur = i.code_indicateur
            inner join mart_typologie_modele as m on g.maille = m.maille and g.code_indicateur = m.code_indicateur
                and coalesce(g.sous_champ, '') = coalesce(m.sous_champ, '')
            where g.rang_distinctif <= {_TRAITS} and m.annee is not null
            order by g.maille, g.groupe, g.rang_distinctif
            """
        )
    except Unavailable:
        return {}
    found: dict[tuple[str, int], tuple[int, tuple[Trait, ...]]] = {}
    for row in rows:
        key = row["maille"], row["groupe"]
        before = found.get(key, (0, ()))[1]
        found[key] = row["nombre_territoires"], (*before, _trait(row))
    return found


def _trait(row: Row) -> Trait:
    return Trait(row["nom"], row["valeur_centrale"], row["unite"] or "", row["annee"], row["ecart_a_la_moyenne"] > 0)
