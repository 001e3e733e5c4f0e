"""Bad input ends in a clear error; lake and served file are untouched; the next good refresh takes the revision.

The revision that waits behind the fault is taken up by the steps of a refresh called one by one, which is a tenth of
the time of a whole one; that a whole one publishes it is shown by ``test_recovery``.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.progress import SilentProgress
from tests.faults.france import GAS, GROSS, SOURCES, TEMPERATURE, SmallLake, copies_of
from tests.stubs import Stub

Change = Callable[[Stub], object]

_STOCK = "stock_fin_de_journee"
_MEASURE = "consommation_brute_gaz_grtgaz"
_CORSICA = "code_insee_region = 94 and date = date'2023-02-11'"
_NOWHERE = "code_insee_region = 99 and date = date'2023-02-11'"


@dataclass(frozen=True)
class Bad:
    """A fault, its repair, and what the error must say.

    Attributes:
        dataset: the data set at fault.
        breaking, repair: what the publisher does.
        words: all of them are in the error.
        calls: calls of the portal that the refresh may make for exports, at most.
    """

    dataset: str
    breaking: tuple[Change, ...]
    words: tuple[str, ...]
    repair: tuple[Change, ...] = (Stub.heal,)
    calls: int = 2


def _export(fault: str, *words: str, calls: int = 2, times: int | None = None) -> Bad:
    """Return a fault of the export of gas storage, whose request the error must show."""
    return Bad(GAS, (lambda portal: portal.fail(fault, dataset=GAS, kind="export", times=times),), words, calls=calls)


CASES = {
    "a maintenance page under status 200": _export("html_200", "HTML", "/exports/csv?"),
    "a JSON error under status 200": _export("json_error_200", "internal error", "/exports/csv?"),
    "an export cut by the connection": _export("truncate", "broke", "/exports/csv?"),
    "an export that ends properly but too early": _export(
        "truncate_clean",
        "the export of 2023-02 is not what the portal announces, asked twice: number of rows is 112 in the export, 168",
        "/exports/csv",
    ),
    "an export with one wrong digit": _export("one_digit", f"sum of {_STOCK} is", "in the export", "at the portal"),
    "an export half of whose rows are doubles": _export("doubles", f"sum of {_STOCK} is", "at the portal"),
    "an export without rows": _export("empty", "the export of 2023-02 is empty"),
    "a connection that breaks before the answer": _export("reset", "/exports/csv?"),
    "a quota that is used up": _export(
        "status:429-quota", "Too many requests", "run `dataelec refresh` again after 2", calls=1
    ),
    "a server error three times": _export(
        "status:500", "HTTP 500", "after 3 attempts", "/exports/csv?", calls=3, times=3
    ),
    "a maintenance page instead of the metadata": Bad(
        GAS,
        (lambda portal: portal.fail("html_200", dataset=GAS, kind="metadata"),),
        ("HTML", GAS),
        calls=0,
    ),
    "a maintenance page instead of the grouped call": Bad(
        GAS,
        (lambda portal: portal.fail("html_200", dataset=GAS, kind="records"),),
        ("HTML", "/records?"),
        calls=0,
    ),
    "a contracted column that is missing": Bad(
        GAS,
        (lambda portal: portal.tables.rename(GAS, "pits", "point"),),
        ("column 'pits' is missing", "date, stock_fin_de_journee, source, point"),
        (lambda portal: portal.tables.rename(GAS, "point", "pits"),),
    ),
    "a measure of the fingerprint that is missing": Bad(
        GAS,
        (lambda portal: portal.tables.rename(GAS, _STOCK, "stock"),),
        (f"column '{_STOCK}' is missing",),
        (lambda portal: portal.tables.rename(GAS, "stock", _STOCK),),
        calls=0,
    ),
    "text in a numeric column": Bad(
        GROSS,
        (
            lambda portal: portal.tables.retype(GROSS, _MEASURE, "text"),
            lambda portal: portal.revise(GROSS, "heure = '12:00'", **{_MEASURE: "n.c."}),
        ),
        (f"column '{_MEASURE}' holds 3 value(s) that cannot be read as double, such as 'n.c.'",),
        (
            lambda portal: portal.revise(GROSS, "heure = '12:00'", **{_MEASURE: "30000"}),
            lambda portal: portal.tables.retype(GROSS, _MEASURE, "double"),
        ),
    ),
    "an unknown region": Bad(
        TEMPERATURE,
        (lambda portal: portal.revise(TEMPERATURE, _CORSICA, code_insee_region=99),),
        ("column 'code_insee_region' holds unknown region code(s) '99'",),
        (lambda portal: portal.revise(TEMPERATURE, _NOWHERE, code_insee_region=94),),
    ),
}


@pytest.mark.parametrize("bad", CASES.values(), ids=CASES.keys())
def test_bad_input_ends_in_a_clear_error_and_leaves_lake_and_served_file_as_they_were(
    small: SmallLake, bad: Bad
) -> None:
    before = small.kept()
    small.revise(bad.dataset)
    for change in bad.breaking:
        change(small.portal)
    ctx = small.ctx(attempts=3 if bad.calls == 3 else 2)

    outcome = small.refresh(ctx=ctx)

    (row,) = [each for each in outcome.sources if each["dataset_id"] == bad.dataset]
    assert row["outcome"] == "failed"
    assert outcome.exit_code == 4
    for words in (bad.dataset, *bad.words, "stays served"):
        assert words in row["error"]
    assert {each["outcome"] for each in outcome.sources if each is not row} == {"unchanged"}
    assert small.portal.counted()[f"odre/{bad.dataset}"].get("export", 0) <= bad.calls
    assert small.kept() == before
    assert not [file for file in small.paths.temporary.rglob("*") if file.is_file()]

    for change in bad.repair:
        change(small.portal)
    dataset = ctx.catalog[bad.dataset]
    report = refresh_source(ctx, dataset, SilentProgress())
    assert (report.outcome, report.error) == ("refreshed", None)
    assert refresh_copies(ctx, dataset).rebuilt == ["2023-02"]
    changed = {name for name, digest in small.kept().items() if before.get(name) != digest}
    assert any(name.startswith(f"parquet/{dataset.table}/mois=2023-02/part-") for name in changed)
    # The vintage that was there before is still there, byte for byte.
    assert {name for name in changed if name.startswith("raw/") and name in before} == set()


def test_text_in_a_principal_measure_is_found_by_fetching_the_look_back(small: SmallLake) -> None:
    before = small.kept()
    small.portal.tables.retype(GAS, _STOCK, "text")
    small.portal.revise(GAS, "date = date'2023-02-10'", **{_STOCK: "n.c."})
    during = replace(small.ctx(), now=lambda: datetime(2023, 3, 20, tzinfo=UTC))
    outcome = small.refresh(ctx=during)
    (row,) = [each for each in outcome.sources if each["dataset_id"] == GAS]
    assert row["outcome"] == "failed"
    assert f"column '{_STOCK}' holds 6 value(s) that cannot be read as double, such as 'n.c.'" in row["error"]
    assert small.kept() == before
    # Months before the look-back are not downloaded again because a type has flipped.
    assert small.portal.counted()[f"odre/{GAS}"]["export"] == 1


def test_an_answer_after_three_server_errors_is_taken_with_the_default_patience(small: SmallLake) -> None:
    small.revise(GAS)
    small.fault("status:500", GAS, times=3)
    ctx = small.ctx(attempts=4)
    report = refresh_source(ctx, ctx.catalog[GAS], SilentProgress())
    assert (report.outcome, report.changed) == ("refreshed", ["2023-02"])


def test_a_refused_connection_fails_every_source_and_touches_nothing(small: SmallLake) -> None:
    before = small.kept()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/odre"
        outcome = small.refresh(ctx=small.ctx(address))
    assert [row["outcome"] for row in outcome.sources] == ["failed"] * len(SOURCES)
    for row in outcome.sources:
        assert row["error"].startswith(f"{row['dataset_id']}: no connection to {address}")
        assert "Check the portal's address and the network" in row["error"]
    assert outcome.exit_code == 4
    assert small.kept() == before


def test_a_first_refresh_that_loads_nothing_serves_nothing(empty: SmallLake) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        outcome = empty.refresh(ctx=empty.ctx(f"http://127.0.0.1:{closed.getsockname()[1]}/odre"))
    assert outcome.exit_code == 1
    assert outcome.lines == ["Nothing is served: no data set could be loaded."]
    assert not empty.paths.served_file.exists()
    assert copies_of(empty.paths) == {}
