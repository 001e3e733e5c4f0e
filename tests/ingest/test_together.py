"""Which partitions are asked for in one request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.ingest.plan import Stale
from dataelec_assets.ingest.together import JOINED_ROWS, MOST_ROWS, requests_of
from dataelec_assets.portals.fingerprints import Fingerprint
from dataelec_assets.portals.partition_filters import ALL, UNDATED
from tests.faults.france import GAS

CATALOG = load_catalog()
BELIB = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"


def months(*years: int) -> list[str]:
    return [f"{year}-{month:02d}" for year in years for month in range(1, 13)]


def asked(wanted: Iterable[str], shown: Sequence[str], rows: int, dataset: str = GAS) -> list[list[str]]:
    """Return the requests for some partitions, of which each that is shown has so many rows."""
    stale = [Stale(each, "never fetched") for each in wanted]
    found = requests_of(CATALOG[dataset], stale, {key: Fingerprint(rows) for key in shown})
    return [[each.partition for each in request] for request in found]


def alone(*keys: str) -> list[list[str]]:
    return [[key] for key in keys]


def test_a_small_set_is_asked_for_whole() -> None:
    every = months(2016, 2017, 2018, 2019)
    assert asked(reversed(every), every, JOINED_ROWS // len(every)) == [every]


def test_a_larger_one_is_asked_for_by_the_year() -> None:
    every = months(2018, 2019)
    assert asked(every, every, JOINED_ROWS // len(every) + 1) == [months(2018), months(2019)]
    # Two years at a time, as far as they are few rows together.
    every = months(2016, 2017, 2018)
    assert asked(every, every, JOINED_ROWS // 24) == [months(2016, 2017), months(2018)]


def test_a_year_of_too_many_rows_is_asked_for_by_the_month() -> None:
    assert asked(months(2019), months(2019), MOST_ROWS // 12) == [months(2019)]
    assert asked(months(2019), months(2019), MOST_ROWS // 12 + 1) == alone(*months(2019))


def test_one_or_two_months_are_asked_for_alone() -> None:
    every = months(2018, 2019)
    assert asked(["2019-11", "2019-12"], every, 100) == alone("2019-11", "2019-12")
    assert asked(["2019-10", "2019-11", "2019-12"], every, 100) == [["2019-10", "2019-11", "2019-12"]]


def test_no_request_brings_more_rows_that_are_fresh_than_rows_that_are_wanted() -> None:
    every = months(2018, 2019)
    assert asked(["2019-01", "2019-03", "2019-06"], every, 100) == [["2019-01", "2019-03", "2019-06"]]
    assert asked(["2019-01", "2019-03", "2019-07"], every, 100) == alone("2019-01", "2019-03", "2019-07")
    # Months that the portal does not have cost nothing.
    three = ["2019-01", "2019-03", "2019-12"]
    assert asked(three, three, 100) == [three]


def test_years_far_apart_are_not_joined_over_those_that_are_fresh() -> None:
    every = months(2014, 2015, 2016, 2017, 2018)
    assert asked(months(2014, 2018), every, 10) == [months(2014), months(2018)]


def test_rows_without_a_date_are_asked_for_alone_and_last() -> None:
    every = [*months(2019), UNDATED]
    assert asked(every, every, 10) == [months(2019), [UNDATED]]


@pytest.mark.parametrize(
    ("dataset", "keys"),
    [
        ("populations-legales-communes", ["2019", "2020", "2021"]),
        (BELIB, ["2023-01-01", "2023-01-02", "2023-01-03"]),
        ("prod-region-annuelle-enr", [ALL]),
    ],
)
def test_what_no_time_cuts_at_the_portal_is_asked_for_by_itself(dataset: str, keys: list[str]) -> None:
    assert asked(keys, keys, 10, dataset) == alone(*keys)


def test_a_year_of_the_largest_set_is_one_request_of_its_own() -> None:
    # Twelve regions, every quarter of an hour, in a leap year.
    largest = 12 * 366 * 96
    assert JOINED_ROWS < largest <= MOST_ROWS
