"""Two data sets of plain files, and what their server answers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning
from dataelec_assets.portals.client import Download
from dataelec_assets.portals.files import FilePortal
from dataelec_assets.portals.fingerprints import Survey
from tests.portals.support import Reply, Script, csv

COMMUNES = Dataset(
    portal="insee",
    id="populations-communes",
    title="Populations des communes",
    publisher="INSEE",
    cadence="yearly",
    expected_lag=timedelta(days=1100),
    history_start=date(2019, 1, 1),
    partitioning=Partitioning("edition"),
    key=("com",),
    fingerprint=("pmun",),
    columns=(Column("com", "text", nullable=False), Column("pmun", "double", unit="hab")),
    editions=(
        Edition("2019", "fichier/6011070/ensemble.zip", member="donnees_communes*.csv"),
        Edition("2020", "fichier/6683035/ensemble.zip", member="donnees_communes*.csv"),
    ),
)
CODES = replace(
    COMMUNES, id="code-officiel", editions=(Edition("2022", "fichier/commune_2022.csv"), Edition("2023", "v_2023.csv"))
)
BODY = b"COM;PMUN\n01001;771\n2A004;71361\n"
MONDAY, TUESDAY = "Mon, 26 Jan 2026 08:00:00 GMT", "Tue, 27 Jan 2026 08:00:00 GMT"


def head(status: int = 200, /, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, (2026, 1, 26, 8, 0, 0)), content)
    return packed.getvalue()


def zipped(body: bytes, pieces: int = 100) -> httpx.Response:
    reply = csv(body, media_type="application/zip", pieces=pieces)
    reply.headers["Content-Length"] = str(len(body))
    return reply


def surveyed(*replies: Callable[[], Reply], dataset: Dataset = CODES) -> Survey:
    with FilePortal(Script(*replies).connection()) as client:
        return client.survey(dataset, client.metadata(dataset))


def fetched(script: Script, tmp_path: Path, dataset: Dataset = COMMUNES, partition: str = "2020") -> Download:
    with FilePortal(script.connection()) as client:
        return client.fetch(dataset, partition, tmp_path / "part", lambda _: None)
