"""The indicators that the page of a territory shows, and what the served file says of each."""

from __future__ import annotations

from dataclasses import dataclass

from dataelec_assets.serving.report.reading import Served, Unavailable

# Years that begin a new series, with the reason, by code of indicator.
Breaks = dict[str, list[tuple[int, str]]]

# Sectors of consumption, as parts of an indicator.
SECTORS = ("residentiel", "tertiaire", "industrie", "agriculture", "inconnu")
_BY_SECTOR = "conso_electricite"


@dataclass(frozen=True, slots=True)
class Series:
    """An indicator, or a part of one, as a page shows it.

    Attributes:
        code: of the indicator.
        part: which part of it; empty for the whole.
        label: its name.
        unit: of its values.
        digits: after the comma.
        source: its publishers.
        warning: what it does not say.
        owner: who imported it; empty for those of the publishers.
        is_large: whether its newest value is shown large.
        is_compared: whether a chart sets it beside other territories. Only rates: a quantity ranks by size.
        is_followed: whether a chart follows it through the years.
    """

    code: str
    part: str
    label: str
    unit: str
    digits: int
    source: str
    warning: str = ""
    owner: str = ""
    is_large: bool = False
    is_compared: bool = False
    is_followed: bool = False

    @property
    def key(self) -> str:
        """``conso_gaz_par_hab``, ``conso_electricite:residentiel``: also its anchor on a page."""
        return f"{self.code}:{self.part}" if self.part else self.code

    @property
    def name(self) -> str:
        """Its label with the unit, as a row or a column is called."""
        return f"{self.label} ({self.unit})"


@dataclass(frozen=True, slots=True)
class _Wanted:
    code: str
    digits: int = 0
    large: bool = False
    compared: bool = False
    followed: bool = False


# Per inhabitant and per dwelling first: that is how territories of different sizes compare.
_WANTED = (
    _Wanted("conso_electricite_par_hab", large=True, compared=True, followed=True),
    _Wanted("conso_residentielle_par_logement", large=True, compared=True, followed=True),
    _Wanted("conso_gaz_par_hab", large=True, compared=True, followed=True),
    _Wanted("population", large=True, followed=True),
    _Wanted("conso_electricite"),
    _Wanted("conso_gaz"),
    _Wanted("part_residentiel_electricite", 1),
    _Wanted("part_chauffage_electrique", 1),
    _Wanted("thermosensibilite_residentielle", 3),
    _Wanted("logements"),
    _Wanted("part_appartements", 1),
    _Wanted("points_de_recharge"),
    _Wanted("points_de_recharge_par_10000_hab", 1, compared=True),
)

# What a rate or an index needs to tell neighbours apart; counts have no decimals.
_DIGITS_OF_IMPORTS = 1


def read_series(served: Served) -> list[Series]:
    """Return the series of a page, in its order: the headlines, the sectors, what users imported.

    Raises:
        Unavailable: no indicator is described.
    """
    rows = served.rows(
        """
        select code_indicateur, libelle, unite, source, coalesce(avertissement, '') as avertissement,
            coalesce(proprietaire, '') as proprietaire
        from dim_indicateur order by code_indicateur
        """
    )
    known = {row["code_indicateur"]: row for row in rows}
    made = [
        Series(
            each.code,
            "",
            known[each.code]["libelle"],
            known[each.code]["unite"],
            each.digits,
            known[each.code]["source"],
            known[each.code]["avertissement"],
            is_large=each.large,
            is_compared=each.compared,
            is_followed=each.followed,
        )
        for each in _WANTED
        if each.code in known
    ]
    if _BY_SECTOR in known:
        row = known[_BY_SECTOR]
        made += [
            Series(_BY_SECTOR, code, name, row["unite"], 0, row["source"])
            for code, name in _sectors(served).items()
            if code in SECTORS
        ]
    made += [
        Series(
            row["code_indicateur"],
            "",
            row["libelle"],
            row["unite"],
            _DIGITS_OF_IMPORTS,
            row["source"],
            row["avertissement"],
            row["proprietaire"],
            is_compared=True,
            is_followed=True,
        )
        for row in rows
        if row["proprietaire"]
    ]
    return made


def _sectors(served: Served) -> dict[str, str]:
    try:
        rows = served.rows("select code_secteur, nom_secteur from dim_secteur order by ordre")
    except Unavailable:
        return {}
    return {row["code_secteur"]: row["nom_secteur"] for row in rows}


def read_breaks(served: Served) -> Breaks:
    """Return the years that begin a new series, with the reason, by code of indicator; none when none is known."""
    try:
        rows = served.rows(
            """
            select mesure, cast(extract(year from date_rupture) as integer) as annee, motif
            from meta_ruptures
            where nom_table = 'fct_indicateur' and not est_comparable order by mesure, date_rupture
            """
        )
    except Unavailable:
        return {}
    found: Breaks = {}
    for row in rows:
        found.setdefault(row["mesure"], []).append((row["annee"], row["motif"]))
    return found
