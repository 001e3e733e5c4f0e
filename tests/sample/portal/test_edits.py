"""Revisions in place: rows and columns (acceptance items 7 and 9)."""

from __future__ import annotations

import httpx
import pytest

from dataelec_assets.sample.portal import RunningPortal
from tests.sample.portal.conftest import Get, getter

REGIONAL = "consommation-quotidienne-brute-regionale"


def monthly_sums(get: Get) -> dict[str, float]:
    reply = get(
        f"/{REGIONAL}/records",
        select="sum(consommation_brute_electricite_rte) as s",
        group_by="date_format(date_heure, 'yyyy-MM') as mois",
        timezone="Europe/Paris",
    )
    return {row["mois"]: row["s"] for row in reply.json()["results"]}


def test_one_month_can_be_revised(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    before, metadata = monthly_sums(get), get(f"/{REGIONAL}").json()["metas"]["default"]
    where = "code_insee_region = '84' and date_heure = '2018-02-02T00:00:00+01:00'"
    reply = own_portal.control(
        "rows", {"dataset": REGIONAL, "where": where, "set": {"consommation_brute_electricite_rte": 2000}}
    )
    assert (reply["rows"], reply["records_count"]) == (1, 384)
    after = monthly_sums(get)
    assert after["2018-01"] == before["2018-01"]
    assert after["2018-02"] == before["2018-02"] + 1000
    assert get(f"/{REGIONAL}").json()["metas"]["default"]["data_processed"] > metadata["data_processed"]


def test_rows_can_be_deleted(own_portal: RunningPortal) -> None:
    where = "date_heure >= '2018-02-01T00:00:00+01:00'"
    assert own_portal.control("rows", {"dataset": REGIONAL, "where": where, "delete": True})["rows"] == 192
    get = getter(own_portal)
    assert get(f"/{REGIONAL}").json()["metas"]["default"]["records_count"] == 192
    assert list(monthly_sums(get)) == ["2018-01"]


def test_values_of_every_type_can_be_set_and_made_null(own_portal: RunningPortal) -> None:
    values = {"nom": "ND", "valeur": 1.25, "jour": "2025-01-01", "instant": "2025-01-01T00:00:00+01:00", "rang": None}
    own_portal.control("rows", {"dataset": "mesures", "where": "rang = 3", "set": values})
    (row,) = getter(own_portal)("/mesures/records", where="code = '00003'").json()["results"]
    assert row == {**values, "instant": "2024-12-31T23:00:00+00:00", "code": "00003"}


def test_columns_appear_vanish_and_change_name_or_type(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    reply = own_portal.control(
        "columns",
        {
            "dataset": "mesures",
            "drop": "valeur",
            "rename": {"nom": "libelle"},
            "retype": {"rang": "text"},
            "add": {"name": "column_30", "type": "text"},
        },
    )
    assert reply["fields"] == {
        "rang": "text",
        "libelle": "text",
        "jour": "date",
        "instant": "datetime",
        "code": "text",
        "column_30": "text",
    }
    (row,) = get("/mesures/records", where="code = '00003'", select="rang, libelle, column_30").json()["results"]
    assert row == {"rang": "3", "libelle": "nom 3", "column_30": None}
    assert "StatAggregation" in get("/mesures/records", select="sum(rang)").json()["message"]
    own_portal.control("columns", {"dataset": "mesures", "retype": {"rang": "int"}})
    assert get("/mesures/records", select="sum(rang) as s").json()["results"] == [{"s": 31125.0}]


def test_a_column_can_be_added_with_a_value(own_portal: RunningPortal) -> None:
    own_portal.control("columns", {"dataset": "mesures", "add": {"name": "plus", "type": "int", "value": 4}})
    assert getter(own_portal)("/mesures/records", select="sum(plus) as s").json()["results"] == [{"s": 1000.0}]


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("rows", {"dataset": "mesures"}),
        ("rows", {"dataset": "mesures", "delete": True, "where": "inconnu = 1"}),
        ("rows", {"dataset": "mesures", "set": {"inconnu": 1}}),
        ("rows", {"dataset": "nowhere", "delete": True}),
        ("columns", {"dataset": "mesures"}),
        ("columns", {"dataset": "mesures", "retype": {"rang": "decimal"}}),
        ("columns", {"dataset": "mesures", "drop": "inconnu"}),
        ("columns", {"dataset": "mesures", "drop": "valeur", "rename": {"inconnu": "connu"}}),
        ("vintage", {"stamp": "soon"}),
        ("settings", {"colour": "red"}),
        ("touch", {}),
    ],
)
def test_a_wrong_control_call_is_refused_and_changes_nothing(
    own_portal: RunningPortal, path: str, payload: dict[str, object]
) -> None:
    get = getter(own_portal)
    before = get("/mesures").content
    with pytest.raises(httpx.HTTPStatusError):
        own_portal.control(path, payload)
    assert get("/mesures").content == before
    assert len(get("/mesures/exports/json").json()) == 250
