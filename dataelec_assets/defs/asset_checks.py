"""Checks on arrivals. Those on tables come from dbt.

They block: an arrival that fails one is not kept, and its copy is not made. A failing source does not hold back the
others (docs/decisions/0011).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import dagster as dg

from dataelec_assets.catalog import Dataset
from dataelec_assets.defs.labels import span_text, stopped_text
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.quarantine import Hold

_DESCRIPTIONS = {
    "portal_answers": "Le portail répond et connaît le jeu de données.",
    "arrival_is_complete": "Le fichier est entier : lisible jusqu'au bout, lignes et sommes que le portail annonce.",
    "arrival_respects_contract": "Colonnes, types, valeurs nulles et codes de région sont ceux du catalogue.",
    "arrival_has_not_shrunk": "Aucune partition n'a perdu plus d'un quart de ses lignes.",
}

_CHECK_OF_FAULT = {
    "UnexpectedContent": "arrival_is_complete",
    "IncompleteExport": "arrival_is_complete",
    "ContentMismatch": "arrival_is_complete",
    "ContractViolation": "arrival_respects_contract",
    "ShrunkArrival": "arrival_has_not_shrunk",
}


AGE_CHECK = "age_des_mesures"


def age_check_spec(key: dg.AssetKey, dataset: Dataset) -> dg.AssetCheckSpec:
    """Return the check on the newest measured value of a lake asset; it never blocks."""
    lag = span_text(dataset.expected_lag)
    description = f"Âge de la dernière valeur mesurée : au plus {lag} quand tout va bien ; échec au double."
    if dataset.history_end is not None:
        description = f"Dernière valeur mesurée : celle du {dataset.history_end}, {stopped_text(dataset.history_end)}."
    return dg.AssetCheckSpec(
        AGE_CHECK,
        asset=key,
        description=description,
        blocking=False,
    )


QUARANTINE_CHECK = "aucune_partition_en_quarantaine"


def quarantine_check_spec(key: dg.AssetKey) -> dg.AssetCheckSpec:
    """Return the check that is red as long as some partition of a lake asset is not served as it arrived."""
    return dg.AssetCheckSpec(
        QUARANTINE_CHECK,
        asset=key,
        description="Chaque partition est servie telle que reçue en dernier ; sinon, la règle enfreinte et le constat.",
        blocking=False,
    )


def quarantine_result(key: dg.AssetKey, holds: Sequence[Hold]) -> dg.AssetCheckEvaluation:
    """Return whether a lake asset has nothing in quarantine; what has been accepted is listed and passes."""
    return dg.AssetCheckEvaluation(
        asset_key=key,
        check_name=QUARANTINE_CHECK,
        passed=all(each.accepted for each in holds),
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            f"{each.partition} {each.rule}": f"{each.found} (attendu : {each.wanted} ; {each.rows} ligne(s))"
            + (", acceptée" if each.accepted else "")
            for each in holds
        },
        blocking=False,
    )


def arrival_check_specs(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return the checks of one raw asset."""
    return [dg.AssetCheckSpec(name, asset=key, description=text, blocking=True) for name, text in _DESCRIPTIONS.items()]


def arrival_results(key: dg.AssetKey, report: SourceReport) -> Iterator[dg.AssetCheckEvaluation]:
    """Yield the result of each check: the one that stands for the fault of the refresh fails, with its message."""
    failed = _CHECK_OF_FAULT.get(report.fault, "portal_answers") if report.fault else None
    for name in _DESCRIPTIONS:
        severity = dg.AssetCheckSeverity.WARN if report.outcome == "absent" else dg.AssetCheckSeverity.ERROR
        yield dg.AssetCheckEvaluation(
            asset_key=key,
            check_name=name,
            passed=name != failed,
            severity=severity,
            metadata={"erreur": report.error} if name == failed and report.error else {},
            blocking=True,
        )
