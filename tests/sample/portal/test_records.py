"""Pages of records: limits, exact errors, order, time zone, groups (acceptance items 1 to 5)."""

from __future__ import annotations

from typing import Any

import pytest

from dataelec_assets.sample.portal import RunningPortal
from tests.sample.portal.conftest import Get, getter

RECORDS = "/mesures/records"


def rows_of(get: Get, **parameters: Any) -> list[dict[str, Any]]:
    reply = get(RECORDS, **parameters)
    assert reply.status_code == 200, reply.text
    results: list[dict[str, Any]] = reply.json()["results"]
    return results


def ranks(get: Get, where: str | list[str], **parameters: Any) -> list[int]:
    return [row["rang"] for row in rows_of(get, where=where, order_by="rang", limit=100, **parameters)]


def message(get: Get, **parameters: Any) -> dict[str, Any]:
    reply = get(RECORDS, **parameters)
    assert reply.status_code == 400, reply.text
    body: dict[str, Any] = reply.json()
    return body


def test_ten_records_are_served_by_default_with_every_field_nulls_included(get: Get) -> None:
    reply = get(RECORDS, order_by="rang")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.json()["total_count"] == 250
    assert len(reply.json()["results"]) == 10
    assert reply.json()["results"][0] == {
        "rang": 0,
        "nom": None,
        "valeur": None,
        "jour": "2024-03-30",
        "instant": "2024-03-30T22:00:00+00:00",
        "code": "00000",
    }


@pytest.mark.parametrize("limit", [101, 1473, -2])
def test_a_limit_out_of_range_is_refused_with_the_portal_s_words(get: Get, limit: int) -> None:
    assert message(get, limit=limit) == {
        "error_code": "InvalidRESTParameterError",
        "message": f"Invalid value for limit API parameter: {limit} was found but -1 <= limit <= 100 is expected.",
    }


def test_limit_zero_only_counts(get: Get) -> None:
    assert get(RECORDS, limit=0, where="rang < 7").json() == {"total_count": 7, "results": []}


def test_the_largest_page_has_a_hundred_records(get: Get) -> None:
    assert len(rows_of(get, limit=100)) == 100
    assert len(rows_of(get, limit=-1)) == 100


def test_offset_and_limit_may_reach_ten_thousand_but_not_go_beyond(get: Get) -> None:
    assert get(RECORDS, offset=9900, limit=100).status_code == 200
    assert get(RECORDS, offset=9901, limit=100).json()["error_code"] == "InvalidRESTParameterError"
    assert get(RECORDS, offset=10_000).status_code == 400


@pytest.mark.parametrize("window", [20_000, 30_000])
def test_the_window_of_groups_can_be_set(own_portal: RunningPortal, window: int) -> None:
    get = getter(own_portal)
    own_portal.control("settings", {"grouped_window": window})
    grouped = {"group_by": "nom", "select": "count(*) as n"}
    assert get(RECORDS, limit=window, **grouped).status_code == 200
    body = get(RECORDS, limit=window + 1, **grouped).json()
    assert body["message"] == (
        f"Invalid value for limit API parameter: {window + 1} was found but -1 <= limit <= {window} is expected."
    )


@pytest.mark.parametrize("clause", ["select", "where", "order_by", "group_by"])
def test_an_unknown_field_is_named_with_its_clause(get: Get, clause: str) -> None:
    text = "inconnu = 1" if clause == "where" else "inconnu"
    assert message(get, **{clause: text}) == {
        "error_code": "ODSQLError",
        "message": f"ODSQL query is malformed: Unknown field: inconnu. Clause(s) containing the error(s): {clause}.",
    }


def test_an_unknown_function_is_quoted_as_in_the_documentation(get: Get) -> None:
    assert message(get, select="invalid_function()") == {
        "error_code": "ODSQLError",
        "message": "ODSQL query is malformed: invalid_function() Clause(s) containing the error(s): select.",
    }


def test_garbage_is_a_syntax_error_with_its_position(get: Get) -> None:
    assert message(get, where="garbage==") == {
        "error_code": "ODSQLSyntaxError",
        "message": "ODSQL syntax exception: unexpected = at position 8 in garbage==.",
    }


def test_an_unknown_dataset_is_not_found(get: Get) -> None:
    reply = get("/unknown/records")
    assert reply.status_code == 404
    assert reply.json() == {
        "error_code": "NotFoundResource",
        "message": "The requested dataset unknown does not exist.",
    }


def test_a_range_operator_on_text_is_refused(get: Get) -> None:
    body = message(get, where="nom >= 'nom 2'")
    assert body["error_code"] == "ODSQLError"
    assert "Clause(s) containing the error(s): where." in body["message"]
    assert rows_of(get, where="nom = 'nom 2'", limit=1)[0]["nom"] == "nom 2"


@pytest.mark.parametrize("function", ["sum", "avg", "min", "max", "median"])
def test_a_statistic_of_a_text_is_refused_with_the_portal_s_words(get: Get, function: str) -> None:
    assert message(get, select=f"{function}(nom)") == {
        "error_code": "ODSQLError",
        "message": "ODSQL query is malformed: StatAggregation only supports numeric or date expression.",
    }


def test_an_alias_declared_in_select_and_group_by_is_refused(get: Get) -> None:
    assert message(get, select="count(*) as h", group_by="nom as h") == {
        "error_code": "ODSQLError",
        "message": "Alias 'h' is declared several times",
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("rang in (1, 2, 300)", [1, 2]),
        ("rang not in [3..300]", [0, 1, 2]),
        ("rang in [1 TO 3]", [1, 2, 3]),
        ("rang in ]1..3[", [2]),
        ("rang <= 1 or rang = 5 and nom is null", [0, 1, 5]),
        ("(rang <= 1 or rang = 5) and nom is null", [0, 5]),
        ("NOT rang > 1", [0, 1]),
        ("3 > rang and rang > 1", [2]),
        ("rang : 4", [4]),
        ("code = '00007'", [7]),
        ("code in ('00007', \"00009\")", [7, 9]),
        ("startswith(code, '0000') and rang >= 8", [8, 9]),
        ("nom like '3' and rang < 10", [3, 8]),
        ("nom is not null and rang < 3", [1, 2]),
        ("nom is null and rang < 6", [0, 5]),
        ("valeur = 1.5", [1]),
        ("valeur * 2 - 1 = 4", [2]),
        ("valeur / 0 is null and rang < 2", [0, 1]),
        ("-rang = -3", [3]),
        ("`rang` = 3", [3]),
        ("length(nom) = 5 and rang < 3", [1, 2]),
        ("ifnull(valeur, -1) = -1 and rang < 20", [0, 10]),
        ('search(nom, "NOM") and rang < 3', [1, 2]),
        ('"nom" and rang < 3', [1, 2]),
        ('search(*, "nom 4") and rang < 10', [4, 9]),
        ("rang < 2 and instant < now(days=-1)", [0, 1]),
    ],
)
def test_where_selects(get: Get, where: str, expected: list[int]) -> None:
    assert ranks(get, where) == expected


def test_a_comparison_with_null_is_false_and_its_negation_true(get: Get) -> None:
    assert ranks(get, "rang < 3 and valeur > 0") == [1, 2]
    assert ranks(get, "rang < 3 and not (valeur > 0)") == [0]


def test_several_where_are_anded(get: Get) -> None:
    assert ranks(get, ["rang < 3", "rang > 1"]) == [2]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("instant >= '2024-03-30T22:30:00+00:00' and instant < '2024-03-30T23:00:00+00:00'", [2, 3]),
        ("instant >= '2024-03-30T23:30:00+01:00' and instant < '2024-03-31T00:00:00+01:00'", [2, 3]),
        ("instant = '2024-03-30T22:15:00+00:00'", [1]),
        ("instant > date'2024-04-01' and instant < date'2024-04-02'", []),
        ("instant >= date'2024-04-02' and instant <= date'2024-04-02T00:30'", [200, 201, 202]),
        ("instant = date'2024-03-30'", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("instant = date'2024/03/30T22'", [0, 1, 2, 3]),
        ("jour > date'2024-11' and jour < '2024-12-03'", [246, 247]),
        ("jour in [date'2024-03-30'..date'2024-03-31']", [0, 1]),
        ("jour = '2024-03-31'", [1]),
    ],
)
def test_dates_are_intervals_as_wide_as_they_are_written(get: Get, where: str, expected: list[int]) -> None:
    assert ranks(get, where) == expected


def test_literals_without_offset_are_read_in_the_time_zone(get: Get) -> None:
    assert ranks(get, "instant = date'2024-03-31'", timezone="Europe/Paris")[0] == 4
    assert ranks(get, "instant = '2024-03-30T23:15:00'", timezone="Europe/Paris") == [1]


def test_a_wrong_date_is_refused(get: Get) -> None:
    assert message(get, where="instant > '2024-13-01'")["error_code"] == "ODSQLError"


def test_the_time_zone_changes_instants_and_hours_never_dates(get: Get) -> None:
    asked = {"where": "rang = 12", "select": "instant, jour, hour(instant) as h"}
    (utc,) = rows_of(get, **asked)
    (paris,) = rows_of(get, timezone="Europe/Paris", **asked)
    (west,) = rows_of(get, timezone="America/St_Johns", **asked)
    assert utc == {"instant": "2024-03-31T01:00:00+00:00", "jour": "2024-04-11", "h": 1}
    assert paris == {"instant": "2024-03-31T03:00:00+02:00", "jour": "2024-04-11", "h": 3}
    assert west == {"instant": "2024-03-30T22:30:00-02:30", "jour": "2024-04-11", "h": 22}


def test_an_unknown_time_zone_is_refused(get: Get) -> None:
    assert message(get, timezone="Paris")["error_code"] == "InvalidRESTParameterError"


def test_pages_without_order_are_shuffled_differently_so_rows_come_twice_or_never(get: Get) -> None:
    pages = [rows_of(get, limit=50, offset=offset) for offset in range(0, 250, 50)]
    seen = [row["rang"] for page in pages for row in page]
    assert len(seen) == 250
    assert len(set(seen)) < 250
    ordered = [
        row["rang"] for offset in range(0, 250, 50) for row in rows_of(get, limit=50, offset=offset, order_by="rang")
    ]
    assert ordered == list(range(250))


def test_ties_of_an_order_that_is_not_total_are_shuffled_too(get: Get) -> None:
    pages = [rows_of(get, limit=40, offset=offset, order_by="nom") for offset in range(0, 250, 40)]
    seen = [row["rang"] for page in pages for row in page]
    assert len(seen) == 250
    assert len(set(seen)) < 250


def test_the_same_page_asked_twice_is_the_same(get: Get) -> None:
    assert get(RECORDS, limit=50, offset=50).content == get(RECORDS, limit=50, offset=50).content


def test_nulls_come_last_whatever_the_direction(get: Get) -> None:
    for direction in ("asc", "desc"):
        groups = rows_of(get, group_by="nom", select="count(*) as n", order_by=f"nom {direction}")
        assert groups[-1] == {"nom": None, "n": 50}


def test_groups_by_month_in_the_time_zone_carry_counts_and_exact_sums(get: Get) -> None:
    rows = rows_of(
        get,
        select="count(*) as n, sum(rang) as somme, max(instant) as dernier, count(distinct nom) as noms",
        group_by="date_format(instant, 'yyyy-MM') as mois",
        order_by="mois",
        timezone="Europe/Paris",
    )
    assert rows == [
        {"mois": "2024-03", "n": 96, "somme": 4560.0, "dernier": "2024-03-31T23:45:00+02:00", "noms": 4},
        {"mois": "2024-04", "n": 154, "somme": 26565.0, "dernier": "2024-04-02T14:15:00+02:00", "noms": 4},
    ]


def test_year_and_month_are_integers_and_name_themselves(get: Get) -> None:
    rows = rows_of(get, select="count(*)", group_by="year(instant) as annee, month(instant)", order_by="count(*) desc")
    assert rows == [
        {"annee": 2024, "month(instant)": 4, "count(*)": 146},
        {"annee": 2024, "month(instant)": 3, "count(*)": 104},
    ]


def test_the_total_of_groups_echoes_the_rows_returned(get: Get) -> None:
    body = get(RECORDS, select="count(*) as n", group_by="code", limit=30).json()
    assert body["total_count"] == 30


def test_a_field_that_is_neither_grouped_nor_aggregated_is_refused(get: Get) -> None:
    assert message(get, select="code, count(*)", group_by="nom")["error_code"] == "ODSQLError"


def test_aggregates_without_groups_give_one_row(get: Get) -> None:
    select = "count(*), min(rang) as a, max(jour) as b, avg(valeur) as c, median(rang) as d, percentile(rang, 100) as e"
    assert rows_of(get, select=select) == [
        {"count(*)": 250, "a": 0, "b": "2024-12-04", "c": 125.5, "d": 124.5, "e": 249.0}
    ]


def test_the_group_already_selected_is_not_repeated(get: Get) -> None:
    rows = rows_of(get, select="nom, min(instant) as first", group_by="nom", order_by="nom", limit=1)
    assert rows == [{"nom": "nom 1", "first": "2024-03-30T22:15:00+00:00"}]


def test_select_takes_patterns_aliases_and_arithmetic(get: Get) -> None:
    assert rows_of(get, where="rang = 7", select="include(co*), rang * 2 as double, valeur + 1") == [
        {"code": "00007", "double": 14, "valeur + 1": 8.5}
    ]
    assert list(rows_of(get, limit=1, select="exclude(co*)")[0]) == ["rang", "nom", "valeur", "jour", "instant"]


@pytest.mark.parametrize(
    ("refine", "count"),
    [("nom:nom 1", 50), ("instant:2024/03/30", 8), ("jour:2024/04", 30), ('rang:"7"', 1)],
)
def test_refine_keeps_and_exclude_leaves_out(get: Get, refine: str, count: int) -> None:
    assert get(RECORDS, refine=refine, limit=0).json()["total_count"] == count
    assert get(RECORDS, exclude=refine, limit=0).json()["total_count"] == 250 - count


def test_random_order_depends_on_the_seed_only(get: Get) -> None:
    first, again, other = (rows_of(get, order_by=f"random({seed})", limit=20) for seed in (1, 1, 2))
    assert first == again != other


def test_facets_count_values(get: Get) -> None:
    (facet,) = get("/mesures/facets", facet="nom", where="rang < 7").json()["facets"]
    assert facet["facets"][0] == {"name": "nom 1", "count": 2, "value": "nom 1", "state": "displayed"}


def test_another_method_or_path_is_refused(get: Get) -> None:
    assert get("/mesures/nothing").status_code == 404


@pytest.mark.parametrize("path", [RECORDS, "/mesures/exports/csv", "/mesures/exports/json", "/mesures/exports/parquet"])
@pytest.mark.parametrize(
    "parameters",
    [{"select": "ifnull(nom, 3)"}, {"where": "ifnull(nom, 3) = 'x'"}, {"group_by": "nom", "order_by": "rang"}],
)
def test_what_cannot_be_evaluated_is_refused_before_the_first_byte(
    get: Get, path: str, parameters: dict[str, str]
) -> None:
    reply = get(path, **parameters, limit=1)
    assert (reply.status_code, reply.json()["error_code"]) == (400, "ODSQLError")
