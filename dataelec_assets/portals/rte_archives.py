"""Names of RTE's éCO2mix archives: where they lie at RTE's, and which data set a file in a folder belongs to."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS

# Corse is not in éCO2mix; RTE shortens one name and writes the others with hyphens.
_REGIONS = tuple(
    {"93": "PACA"}.get(code, name.replace(" ", "-")) for code, name in METROPOLITAN_REGIONS.items() if code != "94"
)

# Definitive files of a year come out in the summer of the second year after it: those of the last two may not be there.
_YEARS_THAT_MAY_MISS = 2

# After the name under which RTE has it, people write the period, as `_2016-06` or `_2026-02-01_2026-03-15`.
_SAVED = r"(_.*)?\.(xls|zip)(\.gz)?"


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive at RTE's.

    Attributes:
        name: of the file.
        paths: addresses below the portal's root, in the order in which they are asked.
        may_miss: whether it is no fault if it is not there.
    """

    name: str
    paths: tuple[str, ...]
    may_miss: bool


def archives_of(dataset: Dataset, year: int) -> list[Archive]:
    """Return the archives that a data set is made of in a year, those of the past first."""
    found = []
    for pattern in dataset.archives:
        years = range(dataset.history_start.year, year) if "{annee}" in pattern else (None,)
        for covered in years:
            may_miss = covered is not None and covered >= year - _YEARS_THAT_MAY_MISS
            of_year = pattern.replace("{annee}", str(covered))
            for region in _REGIONS if "{region}" in pattern else ("",):
                # Programs of 2025 write the names without accents, older ones with all but that of Île-de-France.
                spellings = (_plain(region), region.replace("Île", "Ile"))
                paths = tuple(dict.fromkeys(of_year.replace("{region}", each) for each in spellings))
                found.append(Archive(PurePosixPath(paths[0]).name, paths, may_miss))
    return found


def holds(dataset: Dataset, name: str) -> bool:
    """Return whether a file of this name, as RTE or whoever saved it has named it, is one of a data set."""
    return any(form.fullmatch(name) for form in _forms(dataset.archives))


@cache
def _forms(archives: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    regions = "|".join(re.escape(each) for name in _REGIONS for each in {name, _plain(name)})
    forms = []
    for pattern in archives:
        stem = re.escape(PurePosixPath(pattern).stem.replace("eCO2mix_RTE_", "", 1))
        stem = stem.replace(r"\{annee\}", r"\d{4}").replace(r"\{region\}", f"(?:{regions})")
        country = "" if "{region}" in pattern else "(?:National_)?"
        forms.append(re.compile(f"eCO2mix_RTE_{country}{stem}{_SAVED}", re.IGNORECASE))
    return tuple(forms)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
