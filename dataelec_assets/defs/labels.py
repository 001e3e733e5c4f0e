"""What the UI says, in French: the rest of the program speaks English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from dataelec_assets.catalog import Cadence, Dataset
from dataelec_assets.ingest.freshness import Age, describe_span
from dataelec_assets.ingest.plan import Plan, Reason
from dataelec_assets.ingest.reports import Outcome

CADENCES: Mapping[Cadence, str] = {
    "quarter-hourly": "tous les quarts d'heure",
    "hourly": "chaque heure",
    "six-hourly": "toutes les six heures",
    "daily": "chaque jour",
    "monthly": "chaque mois",
    "yearly": "chaque année",
}

REASONS: Mapping[Reason, str] = {
    "never fetched": "jamais téléchargé",
    "revised": "révisé",
    "new rows": "nouvelles lignes",
    "status changed": "statut changé",
    "contract changed": "contrat changé",
    "look-back": "relecture des mois récents",
    "not copied": "copie à faire",
    "asked for": "demandé",
}

OUTCOMES: Mapping[Outcome, str] = {
    "no key": "sans clé, portail non interrogé",
    "non-commercial": "exclue d'un usage commercial, portail non interrogé",
    "standby": "en réserve, portail non interrogé",
    "local": "importé par ses propriétaires, sans portail",
    "not asked for": "non demandée, portail non interrogé",
    "unchanged": "inchangé",
    "checked": "vérifié, inchangé",
    "refreshed": "rafraîchi",
    "absent": "absent du portail",
    "failed": "en échec",
}

_GENERIC_TESTS = {
    "not_null": "La colonne {column} n'est jamais nulle.",
    "never_null": "Ces colonnes ne sont jamais nulles : {columns}.",
    "unique": "La colonne {column} n'a jamais deux fois la même valeur.",
    "accepted_values": "La colonne {column} n'a que des valeurs connues.",
}


def span_text(span: timedelta) -> str:
    """Return a time span with one unit."""
    return describe_span(span).replace(" d", " j")


def reasons_text(plan: Plan) -> str:
    """Return how many partitions there are for each reason; empty when nothing is stale."""
    counts = Counter(REASONS[each.reason] for each in plan.stale)
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))


def stopped_text(end: date) -> str:
    """Return that a publisher has stopped, and when."""
    return f"jeu arrêté en {end.year} par son publieur"


def age_text(dataset: Dataset, age: Age) -> str:
    """Return the verdict on the newest measured value."""
    if age.age is None:
        return "aucune valeur mesurée"
    if dataset.history_end is not None:
        return f"la dernière valeur mesurée a {span_text(age.age)} ; {stopped_text(dataset.history_end)}"
    return f"la dernière valeur mesurée a {span_text(age.age)} ; {span_text(dataset.expected_lag)} quand tout va bien"


def check_text(node: Mapping[str, object]) -> str | None:
    """Return what a dbt test verifies: its description, or that of its generic test."""
    said = node.get("description")
    if said:
        return str(said)
    generic = node.get("test_metadata")
    if not isinstance(generic, Mapping):
        return None
    text, asked = _GENERIC_TESTS.get(generic["name"]), generic["kwargs"]
    return text.format(column=asked.get("column_name"), columns=", ".join(asked.get("columns", ()))) if text else None
