"""A data set of data-fair, and what its portal answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from dataelec_assets.catalog import Column, Dataset, Partitioning
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalField
from dataelec_assets.portals.datafair import DataFairPortal
from dataelec_assets.portals.fingerprints import Survey
from tests.portals.support import Script, csv, document

COMMUNES = Dataset(
    portal="ore",
    id="consommation-par-commune",
    title="Consommation par commune",
    publisher="Agence ORE",
    cadence="yearly",
    expected_lag=timedelta(days=800),
    history_start=date(2011, 1, 1),
    partitioning=Partitioning("year", on="annee"),
    key=("annee", "code_commune"),
    fingerprint=("conso_totale_mwh", "nb_sites"),
    columns=(
        Column("annee", "int", labels=("Année",), nullable=False),
        Column("code_commune", "text", labels=("Code Commune",), nullable=False),
        Column("conso_totale_mwh", "double", labels=("Conso totale (MWh)",), unit="MWh"),
        Column("nb_sites", "double", labels=("Nb sites",)),
    ),
)
UNCUT = replace(COMMUNES, partitioning=Partitioning("none"))
LINES = "/data-fair/api/v1/datasets/consommation-par-commune/lines"
GONE = "Cette couche de compatibilité pour la version d'API précédente ne supporte pas cette requête."

METADATA: dict[str, Any] = {
    "id": "noxwlxv702-ohfyt76f-a3y9",
    "slug": "consommation-par-commune",
    "title": "Consommation annuelle par commune",
    "count": 3400000,
    "dataUpdatedAt": "2026-01-15T10:05:00.123Z",
    "schema": [
        {"key": "annee", "type": "integer", "x-originalName": "Année"},
        {"key": "code_commune", "type": "string", "title": "Code INSEE", "x-originalName": "Code Commune"},
        {"key": "conso_totale_mwh", "type": "number", "title": ""},
        {"key": "nb_sites", "type": "integer"},
        {"key": "jour", "type": "string", "format": "date"},
        {"key": "instant", "type": "string", "format": "date-time"},
        {"key": "actif", "type": "boolean"},
        {"key": "_i", "type": "integer", "x-calculated": True},
    ],
}
HEADER = b'\xef\xbb\xbf"Ann\xc3\xa9e";"Code Commune";"Conso totale (MWh)";"Nb sites"\n'
FIRST = HEADER + b'2023;"69123";100.5;10\n2023;"69266";200;20\n'
SECOND = HEADER + b'2023;"2A004";300;30\n'


def told(**types: str) -> DatasetMetadata:
    """Return metadata that declare these types, by default those of the contract."""
    declared = {"annee": "int", "code_commune": "text", "conso_totale_mwh": "double", "nb_sites": "int"} | types
    fields = tuple(PortalField(name, name, kind) for name, kind in declared.items())
    return DatasetMetadata("x", "x", datetime(2026, 1, 15, tzinfo=UTC), 12, fields, synthetic=False)


def aggregate(*groups: dict[str, Any], **others: Any) -> httpx.Response:
    return document({"total_values": len(groups), "total_other": 0, "aggs": list(groups), **others})


def group(year: int | str, rows: int, mwh: float | None, sites: float | None = None) -> dict[str, Any]:
    return {"value": year, "total": rows, "metric": mwh, "nb_sites_sum": sites, "results": []}


def lines(body: bytes, following: str | None = None) -> httpx.Response:
    reply = csv(body, pieces=max(7, len(body) // 40))
    if following:
        reply.headers["Link"] = f"<{following}>; rel=next"
    return reply


def after(token: int, host: str = "portal.example") -> str:
    return (
        f"https://{host}/data-fair/api/v1/datasets/noxwlxv702-ohfyt76f-a3y9/lines?size=10000&format=csv&after={token}"
    )


def fetched(script: Script, tmp_path: Path, dataset: Dataset = COMMUNES, partition: str = "2023") -> Download:
    with DataFairPortal(script.connection()) as client:
        return client.fetch(dataset, partition, tmp_path / "part", lambda _: None)


def surveyed(script: Script, **types: str) -> Survey:
    with DataFairPortal(script.connection()) as client:
        return client.survey(COMMUNES, told(**types))
