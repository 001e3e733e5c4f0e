"""The grammar of ODSQL and its syntax errors."""

from __future__ import annotations

from typing import Any

import pytest

from dataelec_assets.sample.portal.odsql import Clause, parse, unescaped
from dataelec_assets.sample.portal.replies import PortalError
from tests.sample.portal.conftest import Get


def error_of(text: str, clause: Clause = "where") -> str:
    with pytest.raises(PortalError) as caught:
        parse(text, clause)
    assert caught.value.status == 400
    assert caught.value.body["error_code"] == "ODSQLSyntaxError"
    return str(caught.value.body["message"])


@pytest.mark.parametrize(
    "text",
    [
        "a=1AND b=2",
        "a = 1 and not b > 2 OR (c : 'x')",
        "date >= date'2024-01-01'",
        'd in [date"2017"..date"2018"]',
        "d in ]date'2017/01/01' TO date'2018'[",
        "a is null and b is not null and c IS TRUE",
        "android = 1 and order_of = 2 and note = 3 and island is null",
        "zones like 'B' and f IN ('a','b') and 'Paris' in villes",
        "nom = \"l\\\"été\" or nom = 'l\\'été'",
        "`hour` = 3 and hour(d) = 3",
        "startswith(nom, 'x') and d > now(years=-1, day=1)",
        "\n a \t > 1 ",
    ],
)
def test_conditions_that_are_correct(text: str) -> None:
    assert parse(text, "where").data == "where"


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("select", "*, a as b, count(*) as n, count(distinct a), include(pop*), a*2+1, `select` as s"),
        ("group_by", "year(d) as y, date_format(d, 'yyyy-MM'), region"),
        ("order_by", "count(*) desc, a ASC, random(3)"),
    ],
)
def test_other_clauses_that_are_correct(clause: Clause, text: str) -> None:
    assert parse(text, clause).data == clause


@pytest.mark.parametrize(
    ("text", "unexpected", "position"),
    [
        ("garbage==", "=", 8),
        ("a = 1 b", "b", 6),
        ("a = = 1", "=", 4),
        ("a # 1", "#", 2),
        ("a = 'x", "'", 4),
        ('a = "x"y"', "y", 7),
        ("a != 1", "!", 2),
        ("a BETWEEN 1 AND 2", "BETWEEN", 2),
    ],
)
def test_a_syntax_error_names_what_was_not_expected_and_where(text: str, unexpected: str, position: int) -> None:
    assert error_of(text) == f"ODSQL syntax exception: unexpected {unexpected} at position {position} in {text}."


@pytest.mark.parametrize("text", ["a =", "(a = 1", "a in (1,", "not"])
def test_a_clause_that_stops_too_early_ends_unexpectedly(text: str) -> None:
    assert error_of(text) == f"ODSQL syntax exception: unexpected end of line in {text}."


@pytest.mark.parametrize("name", ["hour", "group", "limit", "Select", "year"])
def test_a_reserved_word_must_be_back_quoted(get: Get, name: str) -> None:
    body: dict[str, Any] = get("/mesures/records", where=f"{name} = 1").json()
    assert body["message"] == f"ODSQL syntax exception: unexpected {name} at position 0 in {name} = 1."
    assert "Unknown field" in get("/mesures/records", where=f"`{name}` = 1").json()["message"]


def test_escapes_stand_for_themselves() -> None:
    assert unescaped(r"l\"\\x\'y") == "l\"\\x'y"


def test_a_value_is_never_taken_for_sql(get: Get) -> None:
    reply = get("/mesures/records", where="nom = \"x' OR '1'='1\"", limit=0)
    assert reply.json()["total_count"] == 0
    reply = get("/mesures/records", where="rang < 2", select="count(*) as `a\"b'`")
    assert reply.json()["results"] == [{"a\"b'": 2}]
