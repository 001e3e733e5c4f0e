"""An arrival is kept when it is what the portal has announced, figure by figure."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.ingest.downloading import HOPELESS_AFTER
from dataelec_assets.ingest.fetch import fetch_source, refresh_source
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.ingest.proof import can_be_proved, disagreements, doubled_by
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.state import load_memory
from dataelec_assets.portals.fingerprints import Fingerprint
from dataelec_assets.portals.progress import SilentProgress
from tests.faults.france import GAS, SmallLake
from tests.ingest.conftest import LOADED, MONTHS, revise

CATALOG = load_catalog()
REAL_TIME = CATALOG["eco2mix-national-tr"]
STOCK = "stock_fin_de_journee"
MONTH = LOADED[-1]


def compared(rows: Sequence[tuple[str, float | None, str]], announced: Fingerprint) -> list[str]:
    """Compare rows of instant, consumption and status with what a portal has announced of them."""
    with connect() as connection:
        connection.execute(
            "CREATE TEMP TABLE arrival AS SELECT CAST(unnest($1) AS TIMESTAMPTZ) AS date_heure, "
            "unnest($2::DOUBLE[]) AS consommation, unnest($3::VARCHAR[]) AS nature",
            [list(column) for column in zip(*rows, strict=True)],
        )
        return [str(each) for each in disagreements(connection, REAL_TIME, "arrival", announced)]


ROWS = [
    ("2026-03-31T21:30:00+00:00", 50_000.0, "Données temps réel"),
    ("2026-03-31T21:45:00+00:00", 51_000.0, "Données temps réel"),
    ("2026-03-31T21:15:00+00:00", None, "Données temps réel"),
]
ANNOUNCED = Fingerprint(
    3, 2, "2026-03-31T23:45:00+02:00", {"consommation": "101000"}, {"Données temps réel": "3:0123456789ab"}
)


def test_equal_figures_are_a_proof_whatever_the_offset_of_the_last_instant() -> None:
    assert compared(ROWS, ANNOUNCED) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rows": 4}, "number of rows is 3 in the export, 4 at the portal"),
        ({"measured": 3}, "number of values of consommation is 2 in the export, 3 at the portal"),
        ({"sums": {"consommation": "101001"}}, "sum of consommation is 101000 in the export, 101001 at the portal"),
        ({"sums": {"consommation": ""}}, "sum of consommation is 101000 in the export, nothing at the portal"),
        ({"last": "2026-03-31T22:00:00+00:00"}, "last date_heure is 2026-03-31 21:45:00+00:00 in the export"),
        ({"statuses": {"Données consolidées": "3:x"}}, "number of rows of status 'Données temps réel' is 3 in the"),
    ],
)
def test_each_figure_that_differs_is_named_with_both_values(change: dict[str, object], words: str) -> None:
    content = {name: getattr(ANNOUNCED, name) for name in ("rows", "measured", "last", "sums", "statuses")}
    found = compared(ROWS, Fingerprint(**{**content, **change}))
    assert any(words in each for each in found), found


def test_a_last_instant_without_an_offset_proves_nothing() -> None:
    content = {name: getattr(ANNOUNCED, name) for name in ("rows", "measured", "sums", "statuses")}
    assert compared(ROWS, Fingerprint(**content, last="2026-03-31T01:00:00")) == []


def test_the_twelfth_digit_of_a_sum_is_compared_and_the_thirteenth_is_not() -> None:
    rows = [("2026-03-31T21:30:00+00:00", 123_456_789_012.0, "x")]
    announced = Fingerprint(1, 1, None, {"consommation": "123456789012"}, {})
    assert compared(rows, announced) == []
    assert compared([(rows[0][0], 123_456_789_012.1, "x")], announced) == []
    assert compared([(rows[0][0], 123_456_789_013.0, "x")], announced) != []


def test_an_infinite_value_is_never_proved() -> None:
    rows = [("2026-03-31T21:30:00+00:00", float("inf"), "x")]
    assert compared(rows, Fingerprint(1, 1, None, {"consommation": "5"}, {})) != []


def test_a_count_of_distinct_texts_says_nothing_of_the_numbers() -> None:
    announced = Fingerprint(3, 2, None, {"consommation": "d:17"}, {})
    assert compared(ROWS, announced) == []


def test_plain_files_give_headers_and_no_sums() -> None:
    files = CATALOG["populations-legales-communes"]
    assert not can_be_proved(files, Fingerprint(0, sums={"ETag": '"x"', "Content-Length": "12"}))
    assert can_be_proved(REAL_TIME, ANNOUNCED)


def refreshed(ctx: SmallLake) -> SourceReport:
    """Refresh the gas."""
    return refresh_source(ctx.ctx(), CATALOG[GAS], SilentProgress())


def refreshed_month(ctx: SmallLake) -> SourceReport:
    """Fetch one month of gas."""
    return refresh_source(ctx.ctx(), CATALOG[GAS], SilentProgress(), partitions=[MONTH])


def kept(ctx: SmallLake) -> list[str]:
    """Return the names of the vintages of the month."""
    return ctx.ctx().raw.names(CATALOG[GAS], MONTH)


def test_an_old_export_under_new_sums_is_refused_with_both_figures_and_taken_once_the_cache_is_gone(
    loaded: SmallLake,
) -> None:
    before = kept(loaded)
    loaded.fault("cached", GAS)
    (export,) = [each for each in _exports(loaded) if each["where"].startswith(f"date >= date'{MONTH}")][:1]
    url = f"{loaded.portal.url}/odre/api/explore/v2.1/catalog/datasets/{GAS}/exports/csv"
    assert httpx.get(url, params=export, trust_env=False).status_code == 200
    revise(loaded, MONTH, 99.5)

    report = refreshed_month(loaded)

    assert report.fault == "ContentMismatch"
    assert f"{MONTH} is not what the portal announces, asked twice: sum of {STOCK} is" in str(report.error)
    assert kept(loaded) == before

    loaded.portal.heal()
    assert refreshed_month(loaded).error is None
    assert len(kept(loaded)) == len(before) + 1


def _exports(ctx: SmallLake) -> list[dict[str, str]]:
    """Return the parameters of an export of the month, as the client asks for it."""
    refreshed_month(ctx)
    return [dict(each.parameters) for each in ctx.portal.calls if each.kind == "export"]


def test_an_export_that_is_wrong_once_is_fetched_again_and_kept(loaded: SmallLake) -> None:
    revise(loaded, MONTH, 88.5)
    loaded.portal.fail("one_digit", dataset=GAS, kind="export", times=1)
    before = len(loaded.portal.calls)
    report = refreshed_month(loaded)
    assert (report.error, report.changed) == (None, [MONTH])
    made = [call.kind for call in loaded.portal.calls[before:]]
    # The grouped call of all months, then of this one when its export differs, then the export once more.
    assert made == ["metadata", "records", "export", "records", "export"]


def test_a_set_that_was_processed_between_the_two_answers_is_kept_under_its_new_sums(loaded: SmallLake) -> None:
    ctx = loaded.ctx()
    dataset = CATALOG[GAS]
    (seen,) = observe_sources(ctx, [dataset])
    assert seen.view is not None
    revise(loaded, MONTH, 77.5)
    report = fetch_source(ctx, seen, SilentProgress(), partitions=[MONTH])
    assert report.error is None
    assert report.changed == [MONTH]
    now = load_memory(ctx.paths, dataset)
    assert now.lake[MONTH] == now.portal[MONTH] != seen.view.partitions[MONTH].text


def test_rows_in_the_place_of_others_are_found_although_every_sum_is_equal(loaded: SmallLake) -> None:
    # Two days of equal stocks: the second half of the rows is the first half once more.
    for pits in ("Est", "Ouest"):
        where = f"date >= date'{MONTH}-01' and pits = '{pits}'"
        loaded.portal.revise(GAS, where, **{STOCK: 50.0})
    loaded.fault("doubles", GAS)
    report = refreshed_month(loaded)
    assert report.fault == "ContentMismatch"
    assert "number of" in str(report.error)


@pytest.mark.parametrize("fault", ["empty", "truncate_clean"])
def test_groups_that_do_not_add_up_to_the_rows_of_the_portal_are_a_fault_of_the_source(
    loaded: SmallLake, fault: str
) -> None:
    revise(loaded, MONTH, 55.5)
    loaded.portal.fail(fault, dataset=GAS, kind="records")
    report = refreshed(loaded)
    assert report.fault == "UnexpectedContent"
    assert f"its metadata announce {2 * len(MONTHS)}" in str(report.error)
    loaded.portal.heal()
    assert refreshed_month(loaded).changed == [MONTH]


def test_the_rest_is_not_fetched_when_the_first_arrivals_break_the_contract(bare: SmallLake) -> None:
    bare.portal.tables.rename(GAS, "pits", "point")
    report = refreshed(bare)
    calls = [each for each in bare.portal.calls if each.kind == "export"]
    connections = bare.ctx().settings.connections
    assert report.fault == "ContractViolation"
    assert len(calls) < HOPELESS_AFTER + connections < len(MONTHS)
    assert any("further partition(s) were not asked for" in each for each in report.warnings)


def test_one_bad_month_does_not_keep_the_others_from_being_fetched(bare: SmallLake) -> None:
    where = f"date = date'{MONTHS[0]}-01' and pits = 'Est'"
    bare.portal.revise(GAS, where, pits=None)
    report = refreshed(bare)
    assert report.fault == "ContractViolation"
    assert [each.partition for each in report.fetched] == list(MONTHS[1:])


def test_a_doubled_month_that_is_made_single_again_is_a_repair_and_not_a_shrink(loaded: SmallLake) -> None:
    ctx = loaded.ctx()
    single = ctx.raw.newest(GAS, MONTH)
    assert single is not None
    loaded.portal.tables.repeat(GAS, f"date = date'{MONTH}-01'", 3)
    assert refreshed_month(loaded).error is None
    doubled = ctx.raw.newest(GAS, MONTH)
    assert doubled is not None
    assert doubled.rows == 3 * single.rows
    loaded.portal.tables.repeat(GAS, f"date = date'{MONTH}-01'", 1)

    report = refreshed_month(loaded)

    assert (report.error, report.changed) == (None, [MONTH])
    assert report.rows == single.rows


def test_a_month_that_loses_keys_is_a_shrink_although_doubles_were_there(loaded: SmallLake) -> None:
    loaded.portal.tables.repeat(GAS, f"date = date'{MONTH}-01'", 3)
    assert refreshed_month(loaded).error is None
    one = f"date = date'{MONTH}-01' and pits = 'Est'"
    loaded.portal.tables.delete(GAS, one)
    loaded.portal.tables.repeat(GAS, f"date = date'{MONTH}-01'", 1)
    report = refreshed_month(loaded)
    assert report.fault == "ShrunkArrival"
    assert "has shrunk from 6 to 1 rows (2 to 1 distinct keys)" in str(report.error)


def test_a_key_that_the_portal_has_in_part_is_counted_by_time_and_a_single_one_not_at_all() -> None:
    with connect() as connection:
        connection.execute(
            "CREATE TEMP TABLE arrival AS SELECT DATE '2018-05-01' AS date, 'x' AS source, 'Est' AS pits FROM range(2)"
        )
        dataset = CATALOG[GAS]
        assert doubled_by(connection, dataset, "arrival", ["date", "source", "pits"]) == ("date", "source", "pits")
        assert doubled_by(connection, dataset, "arrival", ["date", "pits"]) == ("date",)
        connection.execute("CREATE OR REPLACE TEMP TABLE arrival AS SELECT DISTINCT * FROM arrival")
        assert doubled_by(connection, dataset, "arrival", ["date", "source", "pits"]) == ()
