"""A small folder of data in several of the shapes found in the wild, and portals that serve it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.sample.portal import RunningPortal, serve

API = "/odre/api/explore/v2.1/catalog/datasets"

# 250 quarter-hours from 2024-03-30T22:00Z on: they cross the spring switch of 2024-03-31 at 01:00Z.
START = datetime(2024, 3, 30, 22, tzinfo=UTC)
ROWS = 250


def measure_rows() -> list[dict[str, Any]]:
    """Return the rows of the data set ``mesures``, which is not in the catalogue."""
    return [
        {
            "rang": n,
            "nom": f"nom {n % 5}" if n % 5 else None,
            "valeur": n + 0.5 if n % 10 else None,
            "jour": (START + timedelta(days=n)).strftime("%Y-%m-%d"),
            "instant": (START + timedelta(minutes=15 * n)).isoformat(),
            "code": f"{n:05d}",
        }
        for n in range(ROWS)
    ]


def csv_text(rows: list[dict[str, Any]], delimiter: str = ";") -> str:
    """Return ``rows`` as CSV without any quoting."""
    lines = [list(rows[0])] + [["" if value is None else str(value) for value in row.values()] for row in rows]
    return "".join(delimiter.join(line) + "\r\n" for line in lines)


def v1_records(dataset: str, rows: list[dict[str, Any]]) -> bytes:
    """Return ``rows`` as a gzipped array of API v1 records, nulls left out."""
    records = [
        {
            "datasetid": dataset,
            "recordid": f"{n:040x}",
            "fields": {name: value for name, value in row.items() if value is not None},
            "record_timestamp": "2019-09-19T22:26:19.584+02:00",
        }
        for n, row in enumerate(rows)
    ]
    return gzip.compress(json.dumps(records, ensure_ascii=False).encode(), mtime=0)


def regional_rows(month: str, days: int = 2, *, offset: str = "+01:00", value: int = 1000) -> list[dict[str, Any]]:
    """Return half-hourly rows of two regions: gas on the hour only, as published."""
    return [
        {
            "code_insee_region": code,
            "region": region,
            "date": f"{month}-{day:02d}",
            "heure": f"{half // 2:02d}:{30 * (half % 2):02d}",
            "date_heure": f"{month}-{day:02d}T{half // 2:02d}:{30 * (half % 2):02d}:00{offset}",
            "consommation_brute_electricite_rte": value + half,
            "consommation_brute_gaz_totale": 500 if half % 2 == 0 else None,
            "statut_rte": "Définitif",
        }
        for code, region in (("11", "Île-de-France"), ("84", "Auvergne-Rhône-Alpes"))
        for day in range(1, days + 1)
        for half in range(48)
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three data sets."""
    folder = tmp_path_factory.mktemp("portals")
    write_data(folder)
    return folder


def write_data(folder: Path) -> None:
    """Write ``mesures`` (unknown to the catalogue), gross regional consumption and temperatures."""
    mesures = folder / "odre" / "mesures"
    mesures.mkdir(parents=True)
    (mesures / "mesures_vintage-2024-06.csv").write_bytes(csv_text(measure_rows()).encode("utf-8-sig"))
    regional = folder / "odre" / "consommation-quotidienne-brute-regionale"
    regional.mkdir()
    for month in ("2018-01", "2018-02"):
        path = regional / f"consommation-quotidienne-brute-regionale_{month}.json.gz"
        path.write_bytes(v1_records(regional.name, regional_rows(month)))
    temperature = folder / "odre" / "temperature-quotidienne-regionale"
    temperature.mkdir()
    header = "Date;Code INSEE région;Région;TMin (°C);TMax (°C);TMoy (°C)\n"
    rows = "2016-03-09;94;Corse;3.75;12.8;8.28\n2016-03-09;84;Auvergne-Rhône-Alpes;1;9.5;5.25\n"
    (temperature / "temperature_vintage-2019-10.csv").write_text(header + rows, "utf-8")


@pytest.fixture(scope="module")
def portal(data: Path) -> Iterator[RunningPortal]:
    """Return a portal that no test changes."""
    with serve(data) as running:
        yield running


@pytest.fixture
def own_portal(tmp_path: Path) -> Iterator[RunningPortal]:
    """Return a portal for one test, which may change it."""
    write_data(tmp_path)
    with serve(tmp_path) as running:
        yield running


Get = Callable[..., httpx.Response]


def getter(running: RunningPortal) -> Get:
    """Return a function that asks ``running`` for a path below the data sets of ``odre``."""

    def get(path: str = "", headers: dict[str, str] | None = None, **parameters: Any) -> httpx.Response:
        return running.client.get(f"{running.url}{API}{path}", params=parameters, headers=headers)

    return get


@pytest.fixture
def get(portal: RunningPortal) -> Get:
    """Return a function that asks the unchanged portal."""
    return getter(portal)


@pytest.fixture
def own_get(own_portal: RunningPortal) -> Get:
    """Return a function that asks the test's own portal."""
    return getter(own_portal)


@pytest.fixture(scope="session")
def real_portal(real_data: Path) -> Iterator[RunningPortal]:
    """Return a portal over the published files, which no test changes."""
    with serve(real_data) as running:
        yield running
