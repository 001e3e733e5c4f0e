"""Legal populations: what the data sets of communes, départements and régions share.

INSEE publishes one archive a year, "ensemble", with one member for each. Its columns come in two generations, between
which ``REG`` and ``COM`` (and ``DEP`` of départements) change their meaning from a name to a code:

    old  CODREG;REG;CODDEP;CODARR;CODCAN;CODCOM;COM;PMUN;PCAP;PTOT           REG and COM are names, CODREG is the code
    new  REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT      REG and COM are codes

So these columns are loaded as they are called, all text, and the staging models tell them apart by ``codreg``, which
only the old generation has. An arrival that has neither set of columns whole is refused (``header_sets``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning, Search, of_code, of_file

# By year of population; saved copies of 2023 are named by the month in which they were found. No archive was ever seen,
# only members that others had unpacked; the addresses are those of public programs that read them.
_ARCHIVES = {
    "2019": ("6011070", "population-2019"),
    "2020": ("6683035", "population-2020"),
    "2021": ("7739582", "population-2021"),
    "2022": ("8290591", "population-2022"),
    "2023": ("8680726", "vintage-2026-01"),
}

_WORDS = {"communes": "communes", "departements": "départements", "regions": "régions"}

# "NA" stands for null in the old generation: a region without cantons.
_MARKERS = ("NA",)


def _editions(member: str) -> tuple[Edition, ...]:
    return tuple(
        Edition(year, f"fr/statistiques/fichier/{number}/ensemble.zip", member=member, labels=(label,))
        for year, (number, label) in _ARCHIVES.items()
    )


def code(name: str, description: str, *, width: int | None = None, labels: tuple[str, ...] = ()) -> Column:
    """Return a column of one generation, or of both with another meaning in each.

    ``width`` is for codes that no name of the other generation is shorter than.
    """
    return Column(
        name, "text", labels=labels, description=description, required=False, width=width, null_markers=_MARKERS
    )


def count(name: str, description: str) -> Column:
    """Return a number of subdivisions."""
    return Column(name, "int", description=description, null_markers=_MARKERS)


def population(name: str, description: str) -> Column:
    """Return a population, in inhabitants."""
    return Column(name, "double", unit="hab", nullable=False, description=description, null_markers=_MARKERS)


# Names of régions have at least five characters, names of départements three (Ain, Lot, Var).
CODREG = code("codreg", "Code de la région (ancienne génération)", width=2)
REG = code("reg", "Nom de la région (ancienne génération), son code (nouvelle)", width=2)
REGION = code("region", "Nom de la région (nouvelle génération)", labels=("Région",))
PMUN = population("pmun", "Population municipale")
PTOT = population("ptot", "Population totale : municipale et comptée à part")


def dataset(
    territories: str, key: tuple[str, ...], columns: tuple[Column, ...], header_sets: tuple[tuple[str, ...], ...]
) -> Dataset:
    """Return the entry of one level of territory.

    Args:
        territories: ``communes``, ``departements`` or ``regions``: in the id and in the archive.
        key: columns that identify a row in either generation.
        columns: the contract.
        header_sets: columns of the old and of the new generation, but for those that are the same in both.
    """
    optional = {name for names in header_sets for name in names}
    return Dataset(
        portal="insee",
        id=f"populations-legales-{territories}",
        title=f"Populations légales ({_WORDS[territories]})",
        publisher="INSEE",
        cadence="yearly",
        # Published in the last days of the second year after its own: the newest is at most three years old.
        expected_lag=timedelta(days=3 * 366),
        history_start=date(2019, 1, 1),
        partitioning=Partitioning("edition"),
        key=key,
        fingerprint=("pmun",),
        columns=tuple(replace(column, required=column.name not in optional) for column in columns),
        header_sets=header_sets,
        known=(
            of_file("2026-01", "fichiers des populations de 2019, 2020, 2021 et 2023", "columns", "units", "history"),
            of_code("2026", "programmes qui lisent les archives de 2019 à 2023", "address"),
        ),
        unverified=("cadence",),
        editions=_editions(f"donnees_{territories}.csv"),
        search=Search(
            ("ensemble.zip",),
            title="*population*{edition}*",
            member=f"donnees_{territories}.csv",
            # INSEE's page of the census, with a link to that of the populations of each year.
            pages=("fr/information/2008354",),
            # By decree at the end of the second year after, in force on the next day.
            due=(3, 1, 15),
        ),
        warning="Sans Mayotte. La population d'une année est celle des limites communales de deux ans plus tard.",
    )
