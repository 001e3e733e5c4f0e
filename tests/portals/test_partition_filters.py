"""Partitions, bounds and filters."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataelec_assets.catalog import Column, Dataset, Partitioning, load_catalog
from dataelec_assets.portals.fingerprints import fingerprint_query
from dataelec_assets.portals.partition_filters import ALL, UNDATED, odsql_name, partition_bounds, partition_of, where_of

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


def test_rows_without_a_date_can_be_selected() -> None:
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
    query = fingerprint_query(dataset)
    assert query.select == "count(*) as n, count(`count`) as mesures, sum(`count`) as s0, max(`year`) as dernier"
    assert query.group_by == "year(`year`) as annee"
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


def test_a_stamped_state_has_a_civil_day_and_no_filter() -> None:
    (live,) = (each for each in CATALOG.of_portal("paris") if each.stamped_by)
    assert partition_of(live, datetime(2023, 1, 31, 22, 59, tzinfo=UTC)) == "2023-01-31"
    assert partition_of(live, datetime(2023, 1, 31, 23, 0, tzinfo=UTC)) == "2023-02-01"
    assert where_of(live, "2023-01-31") is None
    with pytest.raises(ValueError, match="is no day, such as 2019-03-31"):
        where_of(live, "2023-01")
    assert partition_bounds(live, "2023-03-26") == (
        datetime(2023, 3, 25, 23, tzinfo=UTC),
        datetime(2023, 3, 26, 22, tzinfo=UTC),
    )


def test_a_year_that_is_a_number_is_asked_by_its_number() -> None:
    consumption = CATALOG["consommation-annuelle-d-electricite-et-gaz-par-region"]
    assert where_of(consumption, "2021") == "annee = 2021"
    assert partition_of(consumption, 2021) == "2021"


def test_an_edition_has_no_filter_and_must_be_in_the_catalogue() -> None:
    population = CATALOG["populations-legales-regions"]
    known = population.editions[0].key
    assert where_of(population, known) is None
    with pytest.raises(ValueError, match=f"no edition '1848', the catalogue has .*{known}"):
        where_of(population, "1848")
    with pytest.raises(ValueError, match="is cut by edition"):
        partition_of(population, date(2021, 1, 1))


def test_what_is_not_cut_has_one_partition_whatever_the_time() -> None:
    assert partition_of(CATALOG["prod-region-annuelle-enr"], 2021) == ALL
