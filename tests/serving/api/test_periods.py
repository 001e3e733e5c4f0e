"""Answers say which days they stand for, and how many of those expected are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.served import make_served, running

PERIODS = """
    create table mart_periode as select * from (values
        ('production', 'nation', 'FR', '30_jours', date '2026-04-23', date '2026-05-22', 30, 10, false),
        ('production', 'nation', 'FR', 'annee', date '2025-01-01', date '2025-12-31', 365, 365, true),
        ('stock_gaz', 'nation', 'FR', 'annee', date '2025-01-01', date '2025-12-31', 365, 364, false)
    ) as t(mesure, maille, code_territoire, type_periode, debut, fin, jours_attendus, jours_presents, est_complete)
"""


def period(client: httpx.Client, url: str) -> Any:
    response = client.get(url)
    assert response.status_code == 200, response.text
    return response.json()["meta"]["periode"]


def said(
    start: str | None, end: str | None, expected: int | None, present: int | None, *, whole: bool | None
) -> dict[str, object]:
    return {
        "debut": start,
        "fin": end,
        "jours_attendus": expected,
        "jours_presents": present,
        "est_complete": whole,
    }


def test_days_are_counted_between_those_asked_for_else_between_those_there(client: httpx.Client) -> None:
    assert period(client, "/v1/temperatures") == said("2024-01-01", "2024-01-10", 10, 10, whole=True)
    asked = "/v1/temperatures?territoire=53&debut=2024-01-05&fin=2024-01-31"
    assert period(client, asked) == said("2024-01-05", "2024-01-31", 27, 6, whole=False)
    assert period(client, "/v1/temperatures?territoire=11&debut=2023-12-31") == said(
        "2023-12-31", "2024-01-10", 11, 10, whole=False
    )
    assert period(client, "/v1/temperatures?debut=2030-01-01") == said(None, None, None, None, whole=None)


def test_the_period_is_that_of_all_pages(client: httpx.Client) -> None:
    first = client.get("/v1/consommation?pas=demi_heure&territoire=53&limite=10").json()
    following = client.get(first["liens"]["suivant"]).json()
    assert (
        first["meta"]["periode"] == following["meta"]["periode"] == said("2024-01-01", "2024-02-02", 33, 33, whole=True)
    )


def test_years_are_civil_years_and_rows_without_time_have_no_period(client: httpx.Client) -> None:
    assert period(client, "/v1/valeurs?indicateur=conso_hab") == said(
        "2021-01-01", "2022-12-31", None, None, whole=None
    )
    assert period(client, "/v1/tables/dim_region") is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mesure=production&type_periode=30_jours", said("2026-04-23", "2026-05-22", 30, 10, whole=False)),
        ("mesure=production&type_periode=annee", said("2025-01-01", "2025-12-31", 365, 365, whole=True)),
        # Several periods at once: each row has its days.
        ("mesure=production", said("2025-01-01", "2026-05-22", None, None, whole=False)),
    ],
)
def test_a_period_counts_its_own_days(tmp_path: Path, query: str, expected: Any) -> None:
    with running(create_app(make_served(tmp_path / "dataelec.duckdb", extra=PERIODS), Options(rate=0))) as client:
        assert period(client, f"/v1/periodes?{query}") == expected
        (row,) = client.get("/v1/periodes?mesure=stock_gaz&territoire=FR").json()["donnees"]
        assert (row["jours_attendus"], row["jours_presents"], row["est_complete"]) == (365, 364, False)
