"""How each claim of the catalogue is known: by a published file, the publisher's page, or public code; or not yet.

A claim is what a user would be misled by if it were wrong: where a data set lies, its columns, their units, how far
back it goes, how often it is published, under which licence, and how many calls its portal grants.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from dataelec_assets.catalog.columns import require

Claim = Literal["address", "columns", "units", "history", "cadence", "licence", "quota"]
CLAIMS: tuple[Claim, ...] = get_args(Claim)

By = Literal["file", "page", "code"]

# A year, a month or a day: as exactly as the evidence is dated.
_DATED = re.compile(r"\d{4}(-\d{2}){0,2}")

CLAIMS_IN_FRENCH: Mapping[Claim, str] = {
    "address": "adresse",
    "columns": "colonnes",
    "units": "unités",
    "history": "historique",
    "cadence": "cadence",
    "licence": "licence",
    "quota": "quota",
}
_BY_IN_FRENCH: Mapping[By, str] = {
    "file": "fichier du publieur",
    "page": "page du publieur",
    "code": "programme public",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that some claims hold, or held when it was dated.

    Attributes:
        by: ``file``: a published file was read; ``page``: the publisher says so; ``code``: a public program that asks
            the portal says so.
        dated: of the file, the page or the program: a year, a month or a day (ISO).
        what: what was read, in French, in a few words.
        claims: what it covers.
    """

    by: By
    dated: str
    what: str
    claims: tuple[Claim, ...]

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: a field is wrong.
        """
        where = f"proof {self.what!r}"
        require(self.by in get_args(By), f"{where}: unknown kind {self.by!r}")
        require(bool(_DATED.fullmatch(self.dated)), f"{where}: dated must be a year, a month or a day")
        require(bool(self.what) and bool(self.claims), f"{where}: says nothing, or of nothing")
        require_claims(where, self.claims)

    @property
    def in_french(self) -> str:
        """Return it as the warehouse and the UI show it."""
        return f"{_BY_IN_FRENCH[self.by]}, {self.dated} : {self.what}"


def require_claims(where: str, claims: Iterable[str]) -> None:
    """Raise CatalogError for a claim that there is not."""
    for each in claims:
        require(each in CLAIMS, f"{where}: unknown claim {each!r}, known are {', '.join(CLAIMS)}")


def of_file(dated: str, what: str, *claims: Claim) -> Proof:
    """Return the proof that a published file is."""
    return Proof("file", dated, what, claims)


def of_page(dated: str, what: str, *claims: Claim) -> Proof:
    """Return the proof that a page of the publisher is."""
    return Proof("page", dated, what, claims)


def of_code(dated: str, what: str, *claims: Claim) -> Proof:
    """Return the proof that public code is which asks the portal."""
    return Proof("code", dated, what, claims)


def verified_in_french(knowledge: Mapping[Claim, Proof | None]) -> str:
    """Return the claims that are proved, by proof: ``adresse, colonnes (fichier du publieur, 2026-05 : …)``."""
    covered: dict[Proof, list[str]] = {}
    for claim, proof in knowledge.items():
        if proof is not None:
            covered.setdefault(proof, []).append(CLAIMS_IN_FRENCH[claim])
    return " ; ".join(f"{', '.join(claims)} ({proof.in_french})" for proof, claims in covered.items())


def unverified_in_french(knowledge: Mapping[Claim, Proof | None]) -> str:
    """Return the claims that nothing proves; empty when there is none."""
    return ", ".join(CLAIMS_IN_FRENCH[claim] for claim, proof in knowledge.items() if proof is None)
