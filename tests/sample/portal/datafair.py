"""A data set as data-fair publishes it, served by the embedded portal."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from dataelec_assets.catalog import Column, Dataset, Partitioning
from dataelec_assets.sample.portal import RunningPortal

COMMUNES = Dataset(
    portal="ore",
    id="consommation-par-commune",
    title="Consommation par commune",
    publisher="Agence ORE",
    cadence="yearly",
    expected_lag=timedelta(days=800),
    history_start=date(2011, 1, 1),
    partitioning=Partitioning("year", on="annee"),
    key=("annee", "code_commune", "filiere"),
    fingerprint=("conso_totale_mwh",),
    columns=(
        Column("filiere", "text", labels=("FILIERE",), nullable=False),
        Column("annee", "int", labels=("Année",), nullable=False),
        Column("code_commune", "text", labels=("Code Commune",), nullable=False),
        Column("conso_totale_mwh", "double", labels=("Conso totale (MWh)",), unit="MWh"),
        Column("nb_sites", "int", labels=("Nb sites",)),
    ),
)
HEADER = ["FILIERE", "Année", "Code Commune", "Conso totale (MWh)", "Nb sites"]
KEYS = ["filiere", "annee", "code_commune", "conso_totale_mwh", "nb_sites"]

# Three years of 25 communes, electricity and gas; one value is secret.
ROWS = [
    [energy, str(year), f"{code:05d}", "" if code == 7 else f"{year + code / 4}", str(code)]
    for year in (2021, 2022, 2023)
    for code in range(25)
    for energy in ("Electricité", 'Gaz "naturel"; réseau')
]
NATIVE = "/ore/data-fair/api/v1/datasets"
EXPLORE = "/ore/api/explore/v2.1/catalog/datasets"

Ask = Callable[..., httpx.Response]


def write(folder: Path) -> None:
    """Write the data set as published: labels, a byte-order mark, CRLF."""
    path = folder / "ore" / COMMUNES.id / f"{COMMUNES.id}_vintage-2026-01.csv"
    path.parent.mkdir(parents=True)
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([HEADER, *ROWS])
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def asking(running: RunningPortal) -> Ask:
    def ask(path: str = "", root: str = NATIVE, **parameters: Any) -> httpx.Response:
        return running.client.get(f"{running.url}{root}/{COMMUNES.id}{path}", params=parameters)

    return ask


def read(reply: httpx.Response, delimiter: str = ";") -> list[list[str]]:
    reply.raise_for_status()
    assert reply.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def refused(reply: httpx.Response, status: int) -> str:
    assert reply.status_code == status
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    return reply.text
