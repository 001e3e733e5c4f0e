"""One grouped call shows which partitions of a portal have moved, and how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dataelec_assets.catalog import Dataset, Partitioning, load_catalog
from dataelec_assets.errors import ContractViolation, UnexpectedContent
from dataelec_assets.portals.fingerprints import Fingerprint, difference, fingerprint_query, fingerprints
from dataelec_assets.portals.partition_filters import ALL, UNDATED

CATALOG = load_catalog()
HALF_HOURS = CATALOG["eco2mix-national-cons-def"]
DAYS = CATALOG["temperature-quotidienne-regionale"]
UNDIVIDED = replace(DAYS, partitioning=Partitioning("none"))
QUERY = fingerprint_query(HALF_HOURS)

Row = dict[str, Any]


def alias(column: str) -> str:
    return next(alias for alias, (name, _) in QUERY.columns.items() if name == column)


def group(month: int | None, nature: str | None, **changed: Any) -> Row:
    row: Row = {"annee": month and 2019, "mois": month, "nature": nature, "n": 1488, "mesures": 1488}
    row |= dict.fromkeys(QUERY.columns, 1000.0)
    renamed = {alias(key) if key in HALF_HOURS.measures else key: value for key, value in changed.items()}
    return {**row, "dernier": "2019-03-31T23:45:00+02:00", **renamed}


MARCH = [group(3, "Données définitives"), group(3, "Données consolidées", n=2, mesures=2)]


def folded(*rows: Row) -> dict[str, Fingerprint]:
    return fingerprints(HALF_HOURS, QUERY, rows)


def march(*rows: Row) -> Fingerprint:
    return folded(*rows)["2019-03"]


def test_the_call_sums_every_measure_by_month_and_status() -> None:
    query = fingerprint_query(DAYS)
    assert query.select == (
        f"count(*) as n, count({DAYS.fingerprint[0]}) as mesures, "
        "sum(tmin) as s0, sum(tmax) as s1, sum(tmoy) as s2, max(date) as dernier"
    )
    assert query.group_by == "year(date) as annee, month(date) as mois"
    assert QUERY.group_by == "year(date_heure) as annee, month(date_heure) as mois, nature"
    assert {name for name, _ in QUERY.columns.values()} == set(HALF_HOURS.measures)
    assert fingerprint_query(replace(DAYS, partitioning=Partitioning("year", on="date"))).group_by == (
        "year(date) as annee"
    )
    assert fingerprint_query(UNDIVIDED).group_by == ""


@pytest.mark.parametrize("dataset", CATALOG.values(), ids=lambda dataset: dataset.id)
def test_no_alias_is_declared_twice_because_the_portal_refuses_that(dataset: Dataset) -> None:
    query = fingerprint_query(dataset)
    names = [part.rsplit(" ", 1)[-1] for part in f"{query.select}, {query.group_by}".split(", ")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("dataset", CATALOG.values(), ids=lambda dataset: dataset.id)
def test_the_call_is_short_enough_for_an_address(dataset: Dataset) -> None:
    query = fingerprint_query(dataset)
    # Servers commonly refuse request lines beyond 8 kB; quoting about triples blanks, brackets and commas.
    assert len(query.select) + len(query.group_by) < 2_500


def test_a_measure_that_the_portal_types_as_text_is_counted_instead_of_summed() -> None:
    types = {column.name: "double" for column in HALF_HOURS.columns} | {"gaz": "text", "fioul_tac": "text"}
    query = fingerprint_query(HALF_HOURS, types)
    assert "count(distinct gaz)" in query.select
    assert "sum(gaz)" not in query.select
    assert query.weak == ("gaz",)


def test_a_column_that_the_portal_does_not_have_is_left_out_unless_it_is_needed() -> None:
    types = {column.name: "double" for column in HALF_HOURS.columns}
    del types["stockage_batterie"]
    assert "sum(stockage_batterie)" not in fingerprint_query(HALF_HOURS, types).select
    for needed in ("nucleaire", "nature", "date_heure"):
        with pytest.raises(ContractViolation, match=f"column '{needed}' is missing"):
            fingerprint_query(HALF_HOURS, {name: each for name, each in types.items() if name != needed})


def test_statuses_of_a_month_are_folded_and_rows_without_a_date_are_reported() -> None:
    found = folded(*MARCH, group(None, None, n=5), group(4, None))
    assert {key: each.rows for key, each in found.items()} == {"2019-03": 1490, "2019-04": 1488, UNDATED: 5}
    assert list(found) == ["2019-03", "2019-04", UNDATED]


def test_a_fingerprint_does_not_depend_on_the_order_or_the_number_types_of_the_portal() -> None:
    retyped = [{**row, "mois": "3", "annee": 2019.0, alias("gaz"): 1000, "n": float(row["n"])} for row in MARCH]
    noisy = [{**row, alias("gaz"): 1000.0000000000001} for row in MARCH]
    for rows in (MARCH[::-1], retyped, noisy, [dict(reversed(row.items())) for row in MARCH]):
        assert march(*rows).text == march(*MARCH).text


def test_a_fingerprint_is_read_back_as_it_was_written() -> None:
    assert Fingerprint.read(march(*MARCH).text) == march(*MARCH)
    assert Fingerprint.read("0d5f") is None
    assert Fingerprint.read("[1, 2]") is None


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (MARCH, None),
        ([group(3, "Données définitives", n=1489), MARCH[1]], "new rows"),
        ([group(3, "Données définitives", n=1489, gaz=7.0), MARCH[1]], "new rows"),
        ([group(3, "Données définitives", n=1487), MARCH[1]], "revised"),
        ([group(3, "Données définitives", mesures=1487), MARCH[1]], "revised"),
        ([group(3, "Données définitives", solaire=1000.01), MARCH[1]], "revised"),
        ([group(3, "Données définitives", solaire=None), MARCH[1]], "revised"),
        ([group(3, "Données définitives", dernier="2019-03-31T23:50:00+02:00"), MARCH[1]], "revised"),
        ([group(3, "Données définitives", n=1489, mesures=1489), group(3, "Données consolidées", n=1, mesures=1)],
         "status changed"),
        ([group(3, "Données consolidées"), group(3, "Données définitives", n=2, mesures=2)], "status changed"),
        # One row of each status has taken the status of the other: counts and totals stay, the sums by status move.
        ([group(3, "Données définitives", gaz=900.0), group(3, "Données consolidées", n=2, mesures=2, gaz=1100.0)],
         "status changed"),
    ],
)  # fmt: skip
def test_a_fingerprint_shows_what_happened(after: list[Row], reason: str | None) -> None:
    assert difference(march(*MARCH).text, march(*after)) == reason


def test_values_that_arrive_on_rows_that_were_there_are_new_rows() -> None:
    before = march(group(3, None, mesures=100))
    assert difference(before.text, march(group(3, None, mesures=104, consommation=1100.0))) == "new rows"


def test_a_flip_of_type_alone_is_not_a_change_since_the_aggregates_cannot_be_compared() -> None:
    types = {column.name: "double" for column in HALF_HOURS.columns} | {"gaz": "text"}
    query = fingerprint_query(HALF_HOURS, types)
    row = {**group(3, "Données définitives"), **dict.fromkeys(query.columns, 1000.0)}
    flipped = fingerprints(HALF_HOURS, query, [row])["2019-03"]
    before = march(group(3, "Données définitives"))
    assert flipped.sums["gaz"] == "d:1000"
    assert difference(before.text, flipped) is None
    revised = {**row, next(a for a, (name, _) in query.columns.items() if name == "solaire"): 1.0}
    assert difference(before.text, fingerprints(HALF_HOURS, query, [revised])["2019-03"]) == "revised"


def test_a_column_that_appears_counts_once_it_has_a_value() -> None:
    types = {column.name: "double" for column in HALF_HOURS.columns}
    del types["stockage_batterie"]
    older = fingerprint_query(HALF_HOURS, types)
    row = group(3, "Données définitives")
    known = fingerprints(HALF_HOURS, older, [{**row, **dict.fromkeys(older.columns, 1000.0)}])["2019-03"].text
    assert difference(known, march({**row, alias("stockage_batterie"): None})) is None
    assert difference(known, march(row)) == "contract changed"
    assert difference("written by an older version", march(row)) == "contract changed"


@pytest.mark.parametrize("changed", [{"n": None}, {"n": 1.5}, {"mois": "mars"}, {"gaz": "ND"}])
def test_a_group_that_cannot_be_read_is_unexpected_content(changed: Row) -> None:
    with pytest.raises(UnexpectedContent, match="eco2mix-national-cons-def: a group"):
        folded(group(3, "Données définitives", **changed))


@pytest.mark.parametrize("missing", ["n", "mesures", "s7", "dernier", "annee", "mois"])
def test_a_group_without_a_requested_aggregate_is_unexpected_content(missing: str) -> None:
    with pytest.raises(UnexpectedContent, match=missing):
        folded({name: value for name, value in MARCH[0].items() if name != missing})


def test_an_undivided_data_set_has_one_fingerprint() -> None:
    query = fingerprint_query(UNDIVIDED)
    found = fingerprints(UNDIVIDED, query, [{"n": 8, "mesures": 8, **dict.fromkeys(query.columns, 1.0)}])
    assert found[ALL].rows == 8


def test_the_digest_of_a_fingerprint_changes_with_its_content() -> None:
    before, after = Fingerprint(3, sums={"tmin": "1"}), Fingerprint(3, sums={"tmin": "2"})
    assert before.digest == Fingerprint(3, sums={"tmin": "1"}).digest
    assert before.digest != after.digest
    assert len(before.digest) == 32
