"""The client of data-fair: metadata, aggregates by year, pages of lines, and every way in which they go wrong."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.catalog import CatalogError, Column, Dataset, Partitioning
from dataelec_assets.errors import (
    ContractViolation,
    DatasetAbsent,
    IncompleteExport,
    LakeError,
    PortalUnreachable,
    RequestRejected,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalClient, PortalField
from dataelec_assets.portals.datafair import DataFairPortal
from dataelec_assets.portals.fingerprints import Fingerprint, Survey, difference
from dataelec_assets.portals.windows import ALL, UNDATED
from tests.portals.support import Reply, Script, csv, document, page, plain, refusal

COMMUNES = Dataset(
    portal="ore",
    id="consommation-par-commune",
    title="Consommation par commune",
    publisher="Agence ORE",
    cadence="yearly",
    expected_lag=timedelta(days=800),
    history_start=date(2011, 1, 1),
    partitioning=Partitioning("year", on="annee"),
    key=("annee", "code_commune"),
    fingerprint=("conso_totale_mwh", "nb_sites"),
    columns=(
        Column("annee", "int", labels=("Année",), nullable=False),
        Column("code_commune", "text", labels=("Code Commune",), nullable=False),
        Column("conso_totale_mwh", "double", labels=("Conso totale (MWh)",), unit="MWh"),
        Column("nb_sites", "double", labels=("Nb sites",)),
    ),
)
UNCUT = replace(COMMUNES, partitioning=Partitioning("none"))
LINES = "/data-fair/api/v1/datasets/consommation-par-commune/lines"
GONE = "Cette couche de compatibilité pour la version d'API précédente ne supporte pas cette requête."

METADATA: dict[str, Any] = {
    "id": "noxwlxv702-ohfyt76f-a3y9",
    "slug": "consommation-par-commune",
    "title": "Consommation annuelle par commune",
    "count": 3400000,
    "dataUpdatedAt": "2026-01-15T10:05:00.123Z",
    "schema": [
        {"key": "annee", "type": "integer", "x-originalName": "Année"},
        {"key": "code_commune", "type": "string", "title": "Code INSEE", "x-originalName": "Code Commune"},
        {"key": "conso_totale_mwh", "type": "number", "title": ""},
        {"key": "nb_sites", "type": "integer"},
        {"key": "jour", "type": "string", "format": "date"},
        {"key": "instant", "type": "string", "format": "date-time"},
        {"key": "actif", "type": "boolean"},
        {"key": "_i", "type": "integer", "x-calculated": True},
    ],
}
HEADER = b'\xef\xbb\xbf"Ann\xc3\xa9e";"Code Commune";"Conso totale (MWh)";"Nb sites"\n'
FIRST = HEADER + b'2023;"69123";100.5;10\n2023;"69266";200;20\n'
SECOND = HEADER + b'2023;"2A004";300;30\n'


def told(**types: str) -> DatasetMetadata:
    """Return metadata that declare these types, by default those of the contract."""
    declared = {"annee": "int", "code_commune": "text", "conso_totale_mwh": "double", "nb_sites": "int"} | types
    fields = tuple(PortalField(name, name, kind) for name, kind in declared.items())
    return DatasetMetadata("x", "x", datetime(2026, 1, 15, tzinfo=UTC), 12, fields, synthetic=False)


def aggregate(*groups: dict[str, Any], **others: Any) -> httpx.Response:
    return document({"total_values": len(groups), "total_other": 0, "aggs": list(groups), **others})


def group(year: int | str, rows: int, mwh: float | None, sites: float | None = None) -> dict[str, Any]:
    return {"value": year, "total": rows, "metric": mwh, "nb_sites_sum": sites, "results": []}


def lines(body: bytes, following: str | None = None) -> httpx.Response:
    reply = csv(body, pieces=max(7, len(body) // 40))
    if following:
        reply.headers["Link"] = f"<{following}>; rel=next"
    return reply


def after(token: int, host: str = "portal.example") -> str:
    return (
        f"https://{host}/data-fair/api/v1/datasets/noxwlxv702-ohfyt76f-a3y9/lines?size=10000&format=csv&after={token}"
    )


def fetched(script: Script, tmp_path: Path, dataset: Dataset = COMMUNES, partition: str = "2023") -> Download:
    with DataFairPortal(script.connection()) as client:
        return client.fetch(dataset, partition, tmp_path / "part", lambda _: None)


def surveyed(script: Script, **types: str) -> Survey:
    with DataFairPortal(script.connection()) as client:
        return client.survey(COMMUNES, told(**types))


def test_the_client_does_what_a_refresh_asks_of_any_portal() -> None:
    assert isinstance(DataFairPortal(Script(csv).connection()), PortalClient)


def test_metadata_gives_the_version_in_utc_and_the_fields_without_data_fairs_own() -> None:
    script = Script(lambda: document(METADATA))
    with DataFairPortal(script.connection("https://portal.example/ore/")) as client:
        metadata = client.metadata(COMMUNES)
    assert str(script.requests[0].url) == "https://portal.example/ore" + LINES.removesuffix("/lines")
    assert metadata.data_processed == datetime(2026, 1, 15, 10, 5, 0, 123000, tzinfo=UTC)
    assert metadata.data_processed.tzinfo is UTC
    assert (metadata.title, metadata.records_count) == ("Consommation annuelle par commune", 3_400_000)
    assert not metadata.synthetic
    assert [(each.name, each.label, each.type) for each in metadata.fields] == [
        ("annee", "Année", "int"),
        ("code_commune", "Code INSEE", "text"),
        ("conso_totale_mwh", "conso_totale_mwh", "double"),
        ("nb_sites", "nb_sites", "int"),
        ("jour", "jour", "date"),
        ("instant", "instant", "datetime"),
        ("actif", "actif", "text"),
    ]


@pytest.mark.parametrize("text", ["2026-01-15T11:05:00+01:00", "2026-01-15T10:05:00Z", "2026-01-15T10:05:00"])
def test_the_version_is_in_utc_whatever_its_offset(text: str) -> None:
    with DataFairPortal(Script(lambda: document({**METADATA, "dataUpdatedAt": text})).connection()) as client:
        version = client.metadata(COMMUNES).data_processed
    assert version == datetime(2026, 1, 15, 10, 5, tzinfo=UTC)
    assert version.tzinfo is UTC


def test_synthetic_data_is_recognised_by_its_header() -> None:
    with DataFairPortal(Script(lambda: document(METADATA, X_Dataelec_Synthetic="true")).connection()) as client:
        assert client.metadata(COMMUNES).synthetic


@pytest.mark.parametrize("missing", ["dataUpdatedAt", "count", "schema"])
def test_metadata_that_lack_something_are_unexpected_content(missing: str) -> None:
    body = {name: value for name, value in METADATA.items() if name != missing}
    script = Script(lambda: document(body))
    with DataFairPortal(script.connection()) as client, pytest.raises(UnexpectedContent, match=missing):
        client.metadata(COMMUNES)


def test_one_aggregate_gives_rows_and_sums_of_every_year() -> None:
    script = Script(lambda: aggregate(group(2023, 5, 1234567890123.4, 50), group("2011", 4, None, 8), total=9))
    survey = surveyed(script)
    assert survey == Survey(
        {
            "2011": Fingerprint(4, 4, "2011", {"conso_totale_mwh": "0", "nb_sites": "8"}),
            "2023": Fingerprint(5, 5, "2023", {"conso_totale_mwh": "1.23456789012e+12", "nb_sites": "50"}),
        }
    )
    assert len(script.requests) == 1
    assert script.parameters == {
        "field": "annee",
        "agg_size": "1000",
        "size": "0",
        "metric": "sum",
        "metric_field": "conso_totale_mwh",
        "extra_metrics": "nb_sites:sum",
    }


def test_a_revised_value_of_any_principal_measure_moves_the_fingerprint_and_nothing_else_does() -> None:
    def of(mwh: float, sites: float) -> Fingerprint:
        return surveyed(Script(lambda: aggregate(group(2023, 5, mwh, sites)))).partitions["2023"]

    before = of(100, 50)
    assert difference(before.text, of(100, 50)) is None
    assert difference(before.text, of(100.5, 50)) == "revised"
    assert difference(before.text, of(100, 51)) == "revised"


def test_a_portal_that_sums_one_measure_a_call_is_taken_as_it_is() -> None:
    one = {"value": 2023, "total": 5, "metric": 100}
    assert surveyed(Script(lambda: aggregate(one))).partitions["2023"].sums == {"conso_totale_mwh": "100"}


def test_a_measure_typed_as_text_is_weak_and_not_asked_to_be_summed() -> None:
    script = Script(lambda: aggregate(group(2023, 5, 50)))
    survey = surveyed(script, conso_totale_mwh="text")
    assert survey == Survey({"2023": Fingerprint(5, 5, "2023", {"nb_sites": "50"})}, weak=("conso_totale_mwh",))
    assert script.parameters["metric_field"] == "nb_sites"
    assert "extra_metrics" not in script.parameters


def test_without_any_number_rows_alone_are_compared() -> None:
    script = Script(lambda: aggregate({"value": 2023, "total": 5, "results": []}))
    survey = surveyed(script, conso_totale_mwh="text", nb_sites="text")
    assert survey == Survey({"2023": Fingerprint(5, 5, "2023")}, weak=("conso_totale_mwh", "nb_sites"))
    assert "metric" not in script.parameters


def test_a_data_set_without_principal_measures_is_compared_by_its_rows() -> None:
    script = Script(lambda: aggregate({"value": 2023, "total": 5, "results": []}))
    with DataFairPortal(script.connection()) as client:
        survey = client.survey(replace(COMMUNES, fingerprint=()), told())
    assert survey == Survey({"2023": Fingerprint(5, 5, "2023")})


def test_a_measure_that_the_portal_refuses_to_sum_is_weak_and_costs_no_row() -> None:
    words = "Impossible de calculer une métrique sur le champ conso_totale_mwh."
    script = Script(lambda: refusal(400, words), lambda: aggregate({"value": 2023, "total": 5}))
    survey = surveyed(script)
    assert survey == Survey({"2023": Fingerprint(5, 5, "2023")}, weak=("conso_totale_mwh", "nb_sites"))
    assert len(script.requests) == 2


def test_an_aggregate_that_is_refused_anyway_is_told_in_the_portals_words() -> None:
    script = Script(lambda: refusal(400, "Impossible de grouper sur le champ annee."))
    with pytest.raises(RequestRejected, match=r"HTTP 400: Impossible de grouper sur le champ annee\."):
        surveyed(script)
    assert len(script.requests) == 2
    with pytest.raises(RequestRejected):
        surveyed(script, conso_totale_mwh="text", nb_sites="text")
    assert len(script.requests) == 3


def test_an_aggregate_that_leaves_rows_out_is_refused() -> None:
    with pytest.raises(UnexpectedContent, match="leaves out 7 rows"):
        surveyed(Script(lambda: aggregate(group(2023, 5, 1, 1), total_other=7, total=12)))


def test_an_aggregate_that_was_cut_short_is_refused() -> None:
    with pytest.raises(UnexpectedContent, match="cut short"):
        surveyed(Script(lambda: aggregate(group(2023, 5, 1, 1), timed_out=True)))


def test_rows_without_a_year_are_counted_apart() -> None:
    survey = surveyed(Script(lambda: aggregate(group(2023, 5, 1, 1), total=8)))
    assert survey.partitions[UNDATED] == Fingerprint(3)
    assert list(survey.partitions) == ["2023", UNDATED]


@pytest.mark.parametrize(
    "body", [{}, {"aggs": [{"value": 2023}]}, {"aggs": [group("total", 1, 1)]}, {"aggs": [{"value": 2023, "total": 1}]}]
)
def test_an_aggregate_of_another_form_is_unexpected_content(body: object) -> None:
    with pytest.raises(UnexpectedContent, match="aggregate cannot be read"):
        surveyed(Script(lambda: document(body)))


@pytest.mark.parametrize("name", ["annee", "conso_totale_mwh", "nb_sites"])
def test_a_column_that_the_survey_needs_is_named_when_it_is_missing(name: str) -> None:
    metadata = told()
    less = replace(metadata, fields=tuple(each for each in metadata.fields if each.name != name))
    script = Script(aggregate)
    with DataFairPortal(script.connection()) as client, pytest.raises(ContractViolation, match=name) as caught:
        client.survey(COMMUNES, less)
    assert caught.value.column == name
    assert not script.requests


def test_a_data_set_that_is_not_cut_is_compared_by_its_version_without_a_call() -> None:
    script = Script(csv)
    with DataFairPortal(script.connection()) as client:
        before = client.survey(UNCUT, told())
        again = client.survey(UNCUT, told())
        moved = client.survey(UNCUT, replace(told(), data_processed=datetime(2026, 2, 1, tzinfo=UTC)))
    assert not script.requests
    assert list(before.partitions) == [ALL]
    assert before.partitions[ALL].rows == 12
    assert difference(before.partitions[ALL].text, again.partitions[ALL]) is None
    assert difference(before.partitions[ALL].text, moved.partitions[ALL]) == "revised"


def test_data_fair_is_cut_by_a_year_that_is_a_number_or_not_at_all() -> None:
    columns = (*COMMUNES.columns, Column("jour", "date"))
    with pytest.raises(CatalogError, match="year that is a number"):
        replace(COMMUNES, columns=columns, partitioning=Partitioning("month", on="jour"))


def test_pages_become_one_file_with_one_header_in_the_portals_order(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2)), lambda: lines(SECOND, after(3)), lambda: lines(HEADER))
    counted: list[int] = []
    with DataFairPortal(script.connection()) as client:
        download = client.fetch(COMMUNES, "2023", tmp_path / "part", counted.append)
    whole = FIRST + SECOND.removeprefix(HEADER)
    assert plain(download.path) == whole
    assert (download.sha256, download.bytes) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert sum(counted) == len(whole)
    first, second, third = script.requests
    assert first.url.path == LINES
    assert dict(first.url.params) == {"size": "10000", "format": "csv", "sep": ";", "qs": "annee:2023"}
    assert download.parameters == dict(first.url.params)
    assert [each.url.params["after"] for each in (second, third)] == ["2", "3"]
    # The address is our own: only the parameters are the portal's.
    assert {each.url.path for each in script.requests} == {LINES}


def test_a_link_among_others_and_without_host_is_followed(tmp_path: Path) -> None:
    reply = csv(FIRST)
    reply.headers["Link"] = f'<{LINES}?after=0>; rel="prev", <{LINES}?after=2>; title="suite"; rel="next"'
    script = Script(lambda: reply, lambda: lines(SECOND))
    fetched(script, tmp_path)
    assert script.requests[1].url.params["after"] == "2"


def test_a_year_is_never_held_whole(tmp_path: Path) -> None:
    body = HEADER + b'2023;"69123";100.5;10\n' * 120_000
    pages = 24  # 60 MB in all
    script = Script(*(partial(lines, body, after(each)) for each in range(pages - 1)), lambda: lines(body))
    tracemalloc.start()
    try:
        download = fetched(script, tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert download.bytes > 60_000_000
    assert peak < 5 * len(body)


def test_a_data_set_that_is_not_cut_is_fetched_without_filter(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST))
    fetched(script, tmp_path, UNCUT, ALL)
    assert "qs" not in script.parameters


def test_a_next_page_on_another_host_is_refused(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2, "elsewhere.example")))
    with pytest.raises(UnexpectedContent, match=r"another host \(elsewhere\.example\)"):
        fetched(script, tmp_path)
    assert len(script.requests) == 1
    assert not list(tmp_path.iterdir())


def test_pages_that_go_in_circles_are_given_up(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2)))
    with pytest.raises(UnexpectedContent, match="in circles"):
        fetched(script, tmp_path)
    assert len(script.requests) == 2


def test_a_later_page_with_another_header_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    other = SECOND.replace(b"Nb sites", b"Sites")
    counted: list[int] = []
    script = Script(lambda: lines(FIRST, after(2)), lambda: lines(other))
    with (
        DataFairPortal(script.connection()) as client,
        pytest.raises(IncompleteExport, match=r"another header .*after=2"),
    ):
        client.fetch(COMMUNES, "2023", tmp_path / "part", counted.append)
    assert not list(tmp_path.iterdir())
    assert sum(counted) == 0


def test_a_later_page_without_byte_order_mark_has_the_same_header(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2)), lambda: lines(SECOND.removeprefix(b"\xef\xbb\xbf")))
    assert plain(fetched(script, tmp_path).path) == FIRST + SECOND.removeprefix(HEADER)


def test_a_page_that_is_cut_in_a_line_is_asked_again(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2)), lambda: lines(SECOND[:-3]), lambda: lines(SECOND))
    assert plain(fetched(script, tmp_path).path) == FIRST + SECOND.removeprefix(HEADER)
    assert len(script.waits) == 1


@pytest.mark.parametrize("broken", [FIRST[:-1], b""])
def test_a_page_that_is_cut_in_every_attempt_is_an_incomplete_export(broken: bytes, tmp_path: Path) -> None:
    with pytest.raises(IncompleteExport, match="after 4 attempts"):
        fetched(Script(lambda: lines(broken)), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("instead", [page, lambda: document({"message": "Erreur interne"})])
@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_page_or_an_error_object_under_a_status_of_success_is_asked_again_then_told(
    instead: Callable[[], Reply], pages_before: int, tmp_path: Path
) -> None:
    script = Script(*[lambda: lines(FIRST, after(2))] * pages_before, instead)
    with pytest.raises(UnexpectedContent, match=r"(En maintenance|Erreur interne).*after 4 attempts"):
        fetched(script, tmp_path)
    assert not list(tmp_path.iterdir())


def test_html_instead_of_metadata_is_unexpected_content() -> None:
    with DataFairPortal(Script(page).connection()) as client, pytest.raises(UnexpectedContent, match="En maintenance"):
        client.metadata(COMMUNES)


@pytest.mark.parametrize(
    ("status", "words", "kind", "requests"),
    [
        (400, '"size" cannot be more than 10000', RequestRejected, 1),
        (403, "Permission manquante.", RequestRejected, 1),
        (404, "Dataset not found", DatasetAbsent, 1),
        (410, GONE, DatasetAbsent, 1),
        (409, "Le jeu de données n'est pas dans un état permettant l'opération demandée.", PortalUnreachable, 4),
        (500, "Erreur interne", PortalUnreachable, 4),
    ],
)
def test_errors_in_plain_french_are_told_and_only_passing_ones_are_retried(
    status: int, words: str, kind: type[SourceError], requests: int, tmp_path: Path
) -> None:
    asks: list[Callable[[DataFairPortal], object]] = [
        lambda client: client.metadata(COMMUNES),
        lambda client: client.fetch(COMMUNES, "2023", tmp_path / "part", lambda _: None),
        lambda client: client.verify(COMMUNES, "2023", 3),
    ]
    for ask in asks:
        script = Script(lambda: refusal(status, words))
        with DataFairPortal(script.connection()) as client, pytest.raises(kind) as caught:
            ask(client)
        assert f"HTTP {status}: {words}" in str(caught.value)
        assert COMMUNES.id in str(caught.value)
        assert len(script.requests) == requests


def test_a_server_error_that_passes_costs_one_wait() -> None:
    script = Script(lambda: refusal(500, "Erreur interne"), lambda: document(METADATA))
    with DataFairPortal(script.connection()) as client:
        client.metadata(COMMUNES)
    assert len(script.waits) == 1


def test_rows_are_verified_against_the_total_under_the_same_filter() -> None:
    script = Script(lambda: document({"total": 3, "results": []}))
    with DataFairPortal(script.connection()) as client:
        client.verify(COMMUNES, "2023", 3)
    assert script.requests[0].url.path == LINES
    assert script.parameters == {"size": "0", "qs": "annee:2023"}
    assert len(script.requests) == 1


def test_a_total_that_differs_twice_is_an_incomplete_export_with_both_numbers() -> None:
    script = Script(lambda: document({"total": 12000}))
    with (
        DataFairPortal(script.connection()) as client,
        pytest.raises(IncompleteExport, match="10,000 rows in the export of 2023, 12,000 on the portal"),
    ):
        client.verify(COMMUNES, "2023", 10_000)
    assert len(script.requests) == 2


def test_a_total_that_met_the_portal_in_the_middle_of_a_processing_is_counted_again() -> None:
    with DataFairPortal(Script(lambda: document({"total": 0}), lambda: document({"total": 3})).connection()) as client:
        client.verify(COMMUNES, "2023", 3)


def test_a_reply_without_total_is_unexpected_content() -> None:
    script = Script(lambda: document({"results": []}))
    with DataFairPortal(script.connection()) as client, pytest.raises(UnexpectedContent, match="no total"):
        client.verify(COMMUNES, "2023", 3)


def test_a_file_that_cannot_be_written_is_no_fault_of_the_portal(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST))
    with DataFairPortal(script.connection()) as client, pytest.raises(LakeError, match=r"cannot write .*free space"):
        client.fetch(COMMUNES, "2023", tmp_path / "absent" / "part", lambda _: None)
    assert len(script.requests) == 1
