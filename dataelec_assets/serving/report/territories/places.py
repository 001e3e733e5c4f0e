"""The territories of the served file: names, what contains what, and the page of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from dataelec_assets.serving.report.reading import Row, Served, Unavailable

Grain = Literal["nation", "region", "departement", "epci", "commune"]


@dataclass(frozen=True, slots=True)
class Place:
    """A territory.

    Attributes:
        grain: région, département, EPCI or commune.
        code: of INSEE, or the SIREN of an EPCI.
        name: as published.
        departement: code of the département that has it, or most of its communes; empty when unknown.
        region: likewise.
        epci: of a commune; empty for islands without one.
        population: newest municipal population; zero when unknown.
        has_page: of a région, whether the report has a page for it.
    """

    grain: Grain
    code: str
    name: str
    departement: str = ""
    region: str = ""
    epci: str = ""
    population: int = 0
    has_page: bool = True

    @property
    def href(self) -> str:
        """Its page, from the folder of the territories."""
        if self.grain == "commune":
            return f"communes.html#{self.code}"
        if self.grain == "region":
            return f"../region-{self.code}.html" if self.has_page else f"index.html#region-{self.code}"
        return f"{self.grain}-{self.code}.html"


@dataclass(slots=True)
class Places:
    """All territories, by grain and code; each grain in the order of its names."""

    of: dict[Grain, dict[str, Place]] = field(default_factory=dict)

    def each(self, grain: Grain) -> Iterator[Place]:
        """Yield the territories of a grain."""
        yield from self.of.get(grain, {}).values()

    def get(self, grain: Grain, code: str) -> Place | None:
        """Return a territory; None when the file does not have it."""
        return self.of.get(grain, {}).get(code)


# Commune codes begin with the département's; those overseas with three digits.
OVERSEAS = ("97", "98")


def file_of(code: str) -> str:
    """Return the data file that has a commune: the département that its code begins with, as ``33``, ``2A``, ``971``.

    Not its present département: a permanent link knows the code alone.
    """
    return code[:3] if code.startswith(OVERSEAS) else code[:2]


def read_places(served: Served) -> Places:
    """Return the territories of the file; a grain whose table is missing or empty has none."""
    populations = _populations(served)
    found = Places()
    for grain, query in _QUERIES.items():
        try:
            rows = served.rows(query)
        except Unavailable:
            rows = []
        found.of[grain] = dict(_named(grain, rows, populations))
    return found


def _named(grain: Grain, rows: Iterable[Row], populations: dict[tuple[str, str], int]) -> Iterator[tuple[str, Place]]:
    for row in rows:
        code = row["code"]
        yield (
            code,
            Place(
                grain,
                code,
                row["nom"] or code,
                row["departement"] or "",
                row["region"] or "",
                row["epci"] or "",
                populations.get((grain, code), 0),
                bool(row.get("a_une_page", True)),
            ),
        )


# Names sort as a French reader looks them up; an EPCI belongs to the département with most of its communes, and of
# equal ones to the first code, as in mart_indicateur_compare.
_QUERIES: dict[Grain, str] = {
    "region": """
        select code_region as code, nom_region as nom, null as departement, code_region as region, null as epci,
            est_metropolitaine as a_une_page
        from dim_region order by strip_accents(nom_region)
    """,
    "departement": """
        select code_departement as code, nom_departement as nom, code_departement as departement,
            code_region as region, null as epci
        from dim_departement order by strip_accents(nom_departement)
    """,
    "epci": """
        with membres as (
            select code_epci, code_departement, min(code_region) as code_region from dim_commune
            where est_active and code_epci is not null group by code_epci, code_departement
            qualify row_number() over (partition by code_epci order by count(*) desc, code_departement) = 1
        )
        select e.code_epci as code, e.nom_epci as nom, m.code_departement as departement, m.code_region as region,
            null as epci
        from dim_epci as e inner join membres as m on e.code_epci = m.code_epci
        order by strip_accents(e.nom_epci), e.code_epci
    """,
    "commune": """
        select code_commune as code, nom_commune as nom, code_departement as departement, code_region as region,
            code_epci as epci
        from dim_commune where est_active order by strip_accents(nom_commune), code_commune
    """,
}


def _populations(served: Served) -> dict[tuple[str, str], int]:
    try:
        rows = served.rows(
            """
            select maille, code_territoire, cast(max_by(valeur, annee) as bigint) as population from fct_indicateur
            where code_indicateur = 'population' and sous_champ is null and valeur is not null
            group by maille, code_territoire order by maille, code_territoire
            """
        )
    except Unavailable:
        return {}
    return {(row["maille"], row["code_territoire"]): row["population"] for row in rows}
