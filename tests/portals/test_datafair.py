"""The client of data-fair: metadata, and aggregates by year."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dataelec_assets.catalog import CatalogError, Column, Partitioning
from dataelec_assets.errors import (
    ContractViolation,
    RequestRejected,
    UnexpectedContent,
)
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.datafair import DataFairPortal
from dataelec_assets.portals.fingerprints import Fingerprint, Survey, difference
from dataelec_assets.portals.partition_filters import ALL, UNDATED
from tests.portals.datafair_replies import (
    COMMUNES,
    LINES,
    METADATA,
    UNCUT,
    aggregate,
    group,
    surveyed,
    told,
)
from tests.portals.support import Script, csv, document, refusal


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


def test_an_aggregate_that_is_refused_anyway_is_reported_in_the_portals_words() -> None:
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
