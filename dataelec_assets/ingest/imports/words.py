"""Natures and units as people write them, from the seeds that the published indicators are read with."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from dataelec_assets.packaged import DBT_PROJECT

# Of counts of persons and homes, whose small cells are refused (docs/confidentialite.md): the beginnings of words.
_COUNTED = re.compile(
    r"\b(hab|habitants?|population|personnes?|logements?|menages?|residences?|foyers?|points? de livraison|pdl|"
    r"salaries?|chomeurs?|demandeurs?|eleves?|enfants?|deces|naissances?|beneficiaires?|allocataires?|abonnes?|"
    r"clients?|locataires?|proprietaires?|retraites?|etudiants?|patients?|victimes?|agents?|actifs?|adherents?|"
    r"usagers?|familles?|maisons?|appartements?)\b"
)

# Units that say nothing of what is counted: then the label does.
_BARE = {"nombre", "unités"}

# A quotient, whatever it is called: `kWh/hab`, `décès pour 100 000 hab`, `%`.
_QUOTIENT = re.compile(r"[/%‰]| pour | par ")


def comparable(text: str) -> str:
    """Return a text in lower case, without accents, with single spaces: as ``forme_comparable`` of dbt does."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain).strip().lower()


@cache
def natures() -> Mapping[str, str]:
    """Return the nature (effectif, ratio, mediane, indice) of each word for one."""
    return {row["type_publie"]: row["type_variable"] for row in _seed("types_de_variable")}


@cache
def _units() -> Mapping[str, tuple[str, bool]]:
    return {
        comparable(name): (row["unite"], row["est_sommable"] == "true")
        for row in _seed("unites")
        for name in (row["unite_publiee"], row["unite"])
    }


def nature_of(text: str) -> str | None:
    """Return the nature that a word stands for, in the singular or plural; None for any other word."""
    word = comparable(text)
    return natures().get(word) or natures().get(word.removesuffix("s"))


def unit_of(text: str) -> str:
    """Return a unit as the warehouse writes it; one that nobody knows stays as it is."""
    return _units().get(comparable(text), (text, True))[0]


def adds_up(unit: str) -> bool:
    """Return whether values in a unit may be counts: no quotient, and nothing that is known not to add up."""
    return _QUOTIENT.search(unit) is None and _units().get(comparable(unit), (unit, True))[1]


def counts_people(unit: str, label: str) -> bool:
    """Return whether a count is of persons or homes."""
    return bool(_COUNTED.search(comparable(unit))) or (unit in _BARE and bool(_COUNTED.search(comparable(label))))


def _seed(name: str) -> list[dict[str, str]]:
    with (DBT_PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
