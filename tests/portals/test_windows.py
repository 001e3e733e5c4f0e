"""Partitions, bounds, filters and fingerprints."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataelec_assets.catalog import Column, Dataset, Partitioning, load_catalog
from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.portals.windows import (
    ALL,
    UNDATED,
    Fingerprint,
    fingerprint_query,
    fingerprints,
    odsql_name,
    partition_bounds,
    partition_of,
    where_of,
)

CATALOG = load_catalog()
HALF_HOURS = CATALOG["eco2mix-national-cons-def"]
DAYS = CATALOG["temperature-quotidienne-regionale"]


def yearly(dataset: Dataset) -> Dataset:
    return replace(dataset, partitioning=Partitioning("year", on=dataset.partitioning.on))


def undivided(dataset: Dataset) -> Dataset:
    return replace(dataset, partitioning=Partitioning("none"))


def test_a_month_of_instants_is_asked_with_offsets_and_half_open_bounds() -> None:
    assert where_of(HALF_HOURS, "2019-03") == (
        "date_heure >= '2019-02-28T23:00:00+00:00' and date_heure < '2019-03-31T22:00:00+00:00'"
    )


def test_a_month_of_days_is_asked_with_date_literals() -> None:
    assert where_of(DAYS, "2019-03") == "date >= date'2019-03-01' and date < date'2019-04-01'"


def test_a_year_is_asked_like_a_month() -> None:
    assert where_of(yearly(HALF_HOURS), "2019") == (
        "date_heure >= '2018-12-31T23:00:00+00:00' and date_heure < '2019-12-31T23:00:00+00:00'"
    )
    assert where_of(yearly(DAYS), "2019") == "date >= date'2019-01-01' and date < date'2020-01-01'"


def test_a_data_set_that_is_not_cut_is_asked_without_filter() -> None:
    assert where_of(undivided(DAYS), ALL) is None


def test_rows_without_a_date_can_be_asked_for() -> None:
    assert where_of(HALF_HOURS, UNDATED) == "date_heure is null"


def test_a_reserved_word_is_quoted() -> None:
    dataset = Dataset(
        portal="odre",
        id="x",
        title="x",
        publisher="x",
        cadence="yearly",
        expected_lag=timedelta(days=1),
        history_start=date(2012, 1, 1),
        partitioning=Partitioning("year", on="year"),
        key=(),
        fingerprint=("count",),
        columns=(Column("year", "date"), Column("count", "double")),
    )
    assert where_of(dataset, "2019") == "`year` >= date'2019-01-01' and `year` < date'2020-01-01'"
    assert fingerprint_query(dataset) == (
        "count(*) as n, sum(`count`) as somme_count, max(`year`) as dernier",
        "year(`year`) as annee",
    )
    assert odsql_name("date") == "date"


@pytest.mark.parametrize(
    ("dataset", "key"),
    [
        (HALF_HOURS, "2019"),
        (HALF_HOURS, "2019-13"),
        (HALF_HOURS, "2019-3"),
        (HALF_HOURS, ALL),
        (HALF_HOURS, "2019-03' or '1'='1"),
        (yearly(DAYS), "2019-03"),
        (undivided(DAYS), "2019-03"),
        (undivided(DAYS), UNDATED),
    ],
)
def test_a_key_of_another_form_is_refused(dataset: Dataset, key: str) -> None:
    with pytest.raises(ValueError, match=re.escape(key)):
        where_of(dataset, key)


def test_an_undivided_data_set_and_the_undated_rows_have_no_bounds() -> None:
    for dataset, key in ((undivided(DAYS), ALL), (DAYS, UNDATED)):
        with pytest.raises(ValueError, match=key):
            partition_bounds(dataset, key)


@pytest.mark.parametrize(
    ("key", "hours"), [("2019-03", 31 * 24 - 1), ("2019-10", 31 * 24 + 1), ("2020-02", 29 * 24), ("2019-12", 31 * 24)]
)
def test_a_month_is_as_long_as_in_paris(key: str, hours: int) -> None:
    start, end = partition_bounds(HALF_HOURS, key)
    assert end - start == timedelta(hours=hours)
    assert start.tzinfo is UTC


def test_months_follow_each_other_without_gap_or_overlap() -> None:
    keys = [f"{year}-{month:02d}" for year in range(2012, 2028) for month in range(1, 13)]
    bounds = [partition_bounds(HALF_HOURS, key) for key in keys]
    assert [end for _, end in bounds[:-1]] == [start for start, _ in bounds[1:]]


@given(st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_every_instant_lies_in_the_bounds_of_its_partition(instant: datetime) -> None:
    for dataset in (HALF_HOURS, yearly(HALF_HOURS)):
        start, end = partition_bounds(dataset, partition_of(dataset, instant))
        assert start <= instant < end


def test_an_instant_belongs_to_the_month_of_paris_whatever_its_offset() -> None:
    instant = datetime(2019, 2, 28, 23, 30, tzinfo=UTC)
    assert partition_of(HALF_HOURS, instant) == "2019-03"
    assert partition_of(HALF_HOURS, instant.astimezone(timezone(timedelta(hours=-9)))) == "2019-03"
    assert partition_of(yearly(HALF_HOURS), datetime(2019, 12, 31, 23, tzinfo=UTC)) == "2020"


def test_a_day_belongs_to_its_own_month() -> None:
    assert partition_of(DAYS, date(2019, 3, 1)) == "2019-03"
    assert partition_of(yearly(DAYS), date(2019, 3, 1)) == "2019"
    assert partition_of(undivided(DAYS), date(2019, 3, 1)) == ALL


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no offset"):
        partition_of(HALF_HOURS, datetime(2019, 3, 1))  # noqa: DTZ001 - the very point


def test_one_grouped_call_covers_the_whole_history() -> None:
    select, group_by = fingerprint_query(HALF_HOURS)
    assert select == (
        "count(*) as n, sum(consommation) as somme_consommation, sum(nucleaire) as somme_nucleaire, "
        "sum(gaz) as somme_gaz, sum(ech_physiques) as somme_ech_physiques, max(date_heure) as dernier"
    )
    assert group_by == "year(date_heure) as annee, month(date_heure) as mois, nature"
    assert fingerprint_query(yearly(DAYS))[1] == "year(date) as annee"
    assert fingerprint_query(undivided(DAYS)) == (
        "count(*) as n, sum(tmin) as somme_tmin, sum(tmax) as somme_tmax, sum(tmoy) as somme_tmoy",
        "",
    )


@pytest.mark.parametrize("dataset", CATALOG.values(), ids=lambda dataset: dataset.id)
def test_no_alias_is_declared_twice_because_the_portal_refuses_that(dataset: Dataset) -> None:
    select, group_by = fingerprint_query(dataset)
    names = [part.rsplit(" ", 1)[-1] for part in f"{select}, {group_by}".split(", ")]
    assert len(names) == len(set(names))


def group(month: int | None, nature: str | None, **changed: object) -> dict[str, object]:
    sums = {f"somme_{name}": 1000.0 for name in HALF_HOURS.fingerprint}
    row: dict[str, object] = {"annee": month and 2019, "mois": month, "nature": nature, "n": 1488, **sums}
    return {**row, "dernier": "2019-03-31T23:45:00+02:00", **changed}


MARCH = [group(3, "Données définitives"), group(3, "Données consolidées", n=2)]


def test_statuses_of_a_month_are_folded_and_rows_without_a_date_are_reported() -> None:
    folded = fingerprints(HALF_HOURS, [*MARCH, group(None, None, n=5), group(4, None)])
    assert {key: each.rows for key, each in folded.items()} == {"2019-03": 1490, "2019-04": 1488, UNDATED: 5}
    assert list(folded) == ["2019-03", "2019-04", UNDATED]


def test_a_fingerprint_does_not_depend_on_the_order_or_the_number_types_of_the_portal() -> None:
    retyped = [{**row, "mois": "3", "annee": 2019.0, "somme_gaz": 1000, "n": float(str(row["n"]))} for row in MARCH]
    noisy = [{**row, "somme_gaz": 1000.0000000000001} for row in MARCH]
    expected = fingerprints(HALF_HOURS, MARCH)
    for rows in (MARCH[::-1], retyped, noisy, [dict(reversed(row.items())) for row in MARCH]):
        assert fingerprints(HALF_HOURS, rows) == expected


def test_the_digest_is_stable_across_versions_of_the_program() -> None:
    # Stored with the lake: a change of form would ask the portal for the whole history again.
    digest = "2f36641630d5808ad93a3300e1d8423712cc5f14f2fd94420a7858905854b1fc"
    assert fingerprints(DAYS, [DAY])["2019-03"] == Fingerprint(403, digest)


DAY = {
    "annee": 2019,
    "mois": 3,
    "n": 403,
    "somme_tmin": 2015.55,
    "somme_tmax": 5642.2,
    "somme_tmoy": None,
    "dernier": "2019-03-31",
}


@pytest.mark.parametrize(
    "changed",
    [
        {"n": 1489},
        {"somme_gaz": 1000.01},
        {"somme_nucleaire": None},
        {"dernier": "2019-03-31T23:30:00+02:00"},
        {"nature": "Données consolidées"},
        {"nature": None},
    ],
)
def test_any_change_of_content_changes_the_digest(changed: dict[str, object]) -> None:
    before = fingerprints(HALF_HOURS, [group(3, "Données définitives")])["2019-03"].digest
    after = fingerprints(HALF_HOURS, [{**group(3, "Données définitives"), **changed}])["2019-03"].digest
    assert before != after


@pytest.mark.parametrize("changed", [{"n": None}, {"n": 1.5}, {"mois": "mars"}, {"somme_gaz": "ND"}])
def test_a_group_that_cannot_be_read_is_unexpected_content(changed: dict[str, object]) -> None:
    with pytest.raises(UnexpectedContent, match="eco2mix-national-cons-def: a group"):
        fingerprints(HALF_HOURS, [group(3, "Données définitives", **changed)])


@pytest.mark.parametrize("missing", ["n", "somme_gaz", "dernier", "annee", "mois"])
def test_a_group_without_what_was_asked_for_is_unexpected_content(missing: str) -> None:
    row = {name: value for name, value in MARCH[0].items() if name != missing}
    with pytest.raises(UnexpectedContent, match=missing):
        fingerprints(HALF_HOURS, [row])


def test_an_undivided_data_set_has_one_fingerprint() -> None:
    row = {"n": 8, "somme_tmin": 1.0, "somme_tmax": 2.0, "somme_tmoy": 3.0}
    assert fingerprints(undivided(DAYS), [row])[ALL].rows == 8
