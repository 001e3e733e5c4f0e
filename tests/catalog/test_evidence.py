"""Every claim of the catalogue is proved, or said to be unverified."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dataelec_assets.catalog import CatalogError, Dataset, load_catalog, of_code, of_file, of_page
from dataelec_assets.catalog.evidence import CLAIMS, Proof, unverified_in_french, verified_in_french

CATALOG = load_catalog()
TEMPERATURE = CATALOG["temperature-quotidienne-regionale"]


@pytest.mark.parametrize("dataset", CATALOG.values(), ids=lambda each: str(each.id))
def test_no_claim_is_made_without_saying_how_it_is_known(dataset: Dataset) -> None:
    proved = {claim for proof in (*dataset.known, *dataset.info.known) for claim in proof.claims}
    doubted = {*dataset.unverified, *dataset.info.unverified}
    silent = set(dataset.knowledge) - proved - doubted
    assert not silent, f"{dataset.id}: say how {', '.join(sorted(silent))} are known, or that they are not"


@pytest.mark.parametrize("dataset", CATALOG.values(), ids=lambda each: str(each.id))
def test_a_proof_is_older_than_the_catalogue_and_says_nothing_twice(dataset: Dataset) -> None:
    proofs = (*dataset.known, *dataset.info.known)
    assert all("2010" <= proof.dated <= "2026-11-30" for proof in proofs)
    own = [claim for proof in dataset.known for claim in proof.claims]
    assert len(own) == len(set(own)), "two proofs of one data set cover the same claim"


def test_a_claim_is_known_by_its_own_proof_before_that_of_its_portal() -> None:
    own = of_page("2026-11", "une page", "licence")
    assert TEMPERATURE.knowledge["licence"] is TEMPERATURE.info.known[1]
    assert replace(TEMPERATURE, known=(own,)).knowledge["licence"] is own
    assert replace(TEMPERATURE, unverified=("licence",)).knowledge["licence"] is None


def test_a_data_set_without_units_claims_none() -> None:
    assert tuple(TEMPERATURE.knowledge) == CLAIMS
    assert "units" not in CATALOG["code-officiel-geographique-communes"].knowledge


def test_what_is_known_is_said_once_for_each_proof() -> None:
    dataset = replace(
        TEMPERATURE,
        known=(of_file("2025-10", "un export", "address", "columns"), of_code("2026", "un programme", "history")),
        unverified=("units", "cadence", "licence", "quota"),
    )
    assert verified_in_french(dataset.knowledge) == (
        "adresse, colonnes (fichier du publieur, 2025-10 : un export) ; "
        "historique (programme public, 2026 : un programme)"
    )
    assert unverified_in_french(dataset.knowledge) == "unités, cadence, licence, quota"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"known": (of_file("2025", "un export", "history"),), "unverified": ("history",)},
            "both known and unverified",
        ),
        ({"unverified": ("adress",)}, "unknown claim 'adress', known are address, columns"),
    ],
)
def test_a_contradiction_or_a_typing_mistake_stops_the_catalogue(change: dict[str, object], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        replace(TEMPERATURE, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("rumour", "2025", "un export", ("history",)), "unknown kind 'rumour'"),
        (("file", "last year", "un export", ("history",)), "dated must be"),
        (("file", "2025", "", ("history",)), "says nothing"),
        (("file", "2025", "un export", ()), "says nothing"),
        (("file", "2025", "un export", ("adress",)), "unknown claim"),
    ],
)
def test_a_proof_says_what_was_read_and_when(fields: tuple[object, ...], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        Proof(*fields)  # type: ignore[arg-type]


def test_the_quota_of_a_portal_is_said_in_words() -> None:
    assert TEMPERATURE.info.quota == ("50 000 appels par mois et par jeu de données, 10 000 000 appels par jour")
    assert CATALOG["previsions-meteo-regions"].info.quota == (
        "600 appels pondérés par minute, 5 000 appels pondérés par heure, 10 000 appels pondérés par jour"
    )
    assert CATALOG["recensement-logement"].info.quota is None
