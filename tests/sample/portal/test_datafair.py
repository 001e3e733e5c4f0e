"""data-fair's native API."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.catalog import Catalog
from dataelec_assets.sample.portal import RunningPortal, serve
from tests.sample.portal.datafair import (
    COMMUNES,
    EXPLORE,
    HEADER,
    KEYS,
    NATIVE,
    ROWS,
    Ask,
    asking,
    read,
    refused,
    write,
)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    folder = tmp_path_factory.mktemp("data-fair")
    write(folder)
    with serve(folder, catalog=Catalog([COMMUNES])) as running:
        yield running


@pytest.fixture
def own_portal(tmp_path: Path) -> Iterator[RunningPortal]:
    write(tmp_path)
    with serve(tmp_path, catalog=Catalog([COMMUNES])) as running:
        yield running


@pytest.fixture
def ask(portal: RunningPortal) -> Ask:
    return asking(portal)


def test_metadata_tell_both_names_the_schema_the_count_and_the_version(ask: Ask) -> None:
    document = ask().json()
    assert document["slug"] == COMMUNES.id
    assert document["id"] not in ("", COMMUNES.id)
    assert (document["title"], document["count"]) == (COMMUNES.title, len(ROWS))
    assert document["dataUpdatedAt"] == "2026-02-01T00:00:00.000Z"
    fields = {each["key"]: each for each in document["schema"] if not each.get("x-calculated")}
    assert list(fields) == KEYS
    assert [fields[key]["type"] for key in KEYS] == ["string", "integer", "string", "number", "integer"]
    assert [fields[key]["title"] for key in KEYS] == HEADER
    assert [each["key"] for each in document["schema"] if each.get("x-calculated")] == ["_i", "_id"]


def test_the_id_of_the_metadata_is_another_name_of_the_data_set(portal: RunningPortal, ask: Ask) -> None:
    other = ask().json()["id"]
    assert portal.client.get(f"{portal.url}{NATIVE}/{other}").json() == ask().json()
    assert portal.client.get(f"{portal.url}{NATIVE}/{other}/lines", params={"size": 0}).json()["total"] == len(ROWS)


def test_lines_in_csv_have_labels_quoted_texts_and_plain_line_ends(ask: Ask) -> None:
    reply = ask("/lines", format="csv", size=10_000, sep=";")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    header, *rows = read(reply)
    assert header == HEADER
    assert sorted(rows) == sorted(ROWS)
    first, second = reply.content.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:2]
    assert first == '"FILIERE";"Année";"Code Commune";"Conso totale (MWh)";"Nb sites"'.encode()
    assert not second.endswith(b"\r")
    assert b'"' in second
    assert "Link" not in reply.headers


def test_csv_is_separated_by_commas_unless_asked_otherwise(ask: Ask) -> None:
    assert read(ask("/lines", format="csv", size=1), ",")[0] == HEADER


def test_lines_in_json_have_technical_names_and_leave_nulls_out(ask: Ask) -> None:
    document = ask("/lines", qs='annee:2022 AND code_commune:"00007"').json()
    assert document["total"] == 2
    assert {each["filiere"] for each in document["results"]} == {"Electricité", 'Gaz "naturel"; réseau'}
    for each in document["results"]:
        assert (each["annee"], each["code_commune"], each["nb_sites"]) == (2022, "00007", 7)
        assert "conso_totale_mwh" not in each
        assert each["_i"] > 0


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("sort", ["", "-annee,code_commune"])
def test_pages_follow_one_another_by_link_without_loss_or_repetition(
    portal: RunningPortal, ask: Ask, form: str, sort: str
) -> None:
    found, totals = [], []
    reply = ask("/lines", format=form, size=40, sep=";", qs="annee:[2021 TO 2022]", sort=sort)
    for _ in range(10):
        if form == "csv":
            header, *rows = read(reply)
            assert header == HEADER
            found.extend(rows)
        else:
            document = reply.json()
            totals.append(document.get("total"))
            found.extend([str(each.get(key, "")) for key in KEYS] for each in document["results"])
            assert document.get("next") == reply.links.get("next", {}).get("url")
        if "next" not in reply.links:
            break
        reply = portal.client.get(reply.links["next"]["url"])
    wanted = [row for row in ROWS if row[1] != "2023"]
    assert len(found) == len(wanted) == 100
    assert {(row[0], row[1], row[2]) for row in found} == {(row[0], row[1], row[2]) for row in wanted}
    if sort:
        assert [row[1] for row in found] == ["2022"] * 50 + ["2021"] * 50
        assert [row[2] for row in found[:50]] == sorted(row[2] for row in found[:50])
    if form == "json":
        # Only the first page counts.
        assert totals == [100, None, None]


def test_a_full_last_page_is_followed_by_an_empty_one(portal: RunningPortal, ask: Ask) -> None:
    reply = ask("/lines", format="csv", size=50, sep=";", qs="annee:2021")
    after = portal.client.get(reply.links["next"]["url"])
    assert read(after) == [HEADER]
    assert "next" not in after.links


def test_the_next_page_is_named_by_the_other_id(ask: Ask) -> None:
    following = ask("/lines", size=10).json()["next"]
    assert f"/{ask().json()['id']}/lines?" in following
    assert COMMUNES.id not in following


def test_twelve_lines_come_unless_asked_otherwise_and_none_is_a_count(ask: Ask) -> None:
    assert len(ask("/lines").json()["results"]) == 12
    assert ask("/lines", size=0).json() == {"total": len(ROWS), "results": []}
    second = ask("/lines", size=5, page=2).json()
    assert [each["_i"] for each in second["results"]] == [6, 7, 8, 9, 10]
    assert "page" not in httpx.URL(second["next"]).params


def test_chosen_fields_come_in_the_order_asked_for(ask: Ask) -> None:
    assert read(ask("/lines", format="csv", sep=";", select="nb_sites,annee", size=1))[0] == ["Nb sites", "Année"]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"qs": "annee:2022"}, 50),
        ({"qs": 'annee:"2022"'}, 50),
        ({"qs": "annee:2022 AND nb_sites:[20 TO *]"}, 10),
        ({"qs": "NOT annee:2022"}, 100),
        ({"qs": "_exists_:conso_totale_mwh"}, 144),
        ({"qs": "filiere:Electricité && annee:2021"}, 25),
        ({"code_commune_in": "00001,00002"}, 12),
        ({"code_commune_eq": "00001", "annee_gte": "2022"}, 4),
        ({"annee_lt": "2022"}, 50),
        ({"annee_neq": "2022"}, 100),
    ],
)
def test_filters(ask: Ask, filters: dict[str, str], count: int) -> None:
    assert ask("/lines", size=0, **filters).json()["total"] == count


def test_values_are_aggregated_with_their_sum_the_largest_first(ask: Ask) -> None:
    document = ask("/values_agg", field="annee", agg_size=1000, metric="sum", metric_field="conso_totale_mwh").json()
    sums = {year: sum(float(row[3] or 0) for row in ROWS if row[1] == str(year)) for year in (2021, 2022, 2023)}
    assert [(each["value"], each["total"]) for each in document["aggs"]] == [(2023, 50), (2022, 50), (2021, 50)]
    assert {each["value"]: each["metric"] for each in document["aggs"]} == pytest.approx(sums)
    assert (document["total"], document["total_other"], document["total_values"]) == (150, 0, 3)


def test_further_sums_and_filters_are_counted_in(ask: Ask) -> None:
    document = ask(
        "/values_agg",
        field="annee",
        metric="sum",
        metric_field="conso_totale_mwh",
        extra_metrics="nb_sites:sum,nb_sites:max",
        qs="annee:2021",
    ).json()
    (group,) = document["aggs"]
    assert (group["value"], group["nb_sites_sum"], group["nb_sites_max"]) == (2021, 600, 24)


def test_the_sum_of_nothing_is_zero(ask: Ask) -> None:
    parameters = {"field": "code_commune", "metric": "sum", "metric_field": "conso_totale_mwh", "qs": "nb_sites:7"}
    assert [each["metric"] for each in ask("/values_agg", **parameters).json()["aggs"]] == [0]


def test_what_does_not_fit_in_an_aggregate_is_told_as_other(ask: Ask) -> None:
    document = ask("/values_agg", field="code_commune", agg_size=10).json()
    assert (len(document["aggs"]), document["total_other"], document["total_values"]) == (10, 90, 25)
    assert len(ask("/values_agg", field="code_commune").json()["aggs"]) == 20


def test_rows_without_a_value_are_in_the_total_alone(own_portal: RunningPortal) -> None:
    own_portal.control("rows", {"dataset": COMMUNES.id, "where": "annee = 2021", "set": {"annee": None}})
    document = asking(own_portal)("/values_agg", field="annee").json()
    assert (document["total"], [each["value"] for each in document["aggs"]]) == (150, [2022, 2023])
    assert document["total_other"] == 0


def test_the_file_is_served_as_it_is(ask: Ask) -> None:
    whole = ask("/raw").content
    assert whole.startswith("\ufeffFILIERE;Année".encode())
    assert whole.endswith(b"\r\n")


@pytest.mark.parametrize(
    ("path", "parameters", "words"),
    [
        ("/lines", {"size": 10_001}, '"size" cannot be more than 10000'),
        ("/lines", {"size": 5000, "page": 3}, '"size * page" cannot be more than 10000'),
        ("/lines", {"size": "beaucoup"}, "n'est pas un nombre"),
        ("/lines", {"format": "xml"}, "xml"),
        ("/lines", {"select": "annee,mois"}, "Impossible de sélectionner le champ mois"),
        ("/lines", {"sort": "mois"}, "Impossible de trier sur le champ mois"),
        ("/lines", {"after": "suite"}, '"after" parameter is malformed'),
        ("/lines", {"qs": "mois:3"}, "Impossible d'appliquer un filtre sur le champ mois"),
        ("/lines", {"qs": "annee:2022 annee:2023"}, "Impossible d'effectuer cette recherche"),
        ("/lines", {"qs": "annee"}, "Impossible d'effectuer cette recherche"),
        ("/lines", {"qs": "annee:deux"}, 'For input string: "deux"'),
        ("/values_agg", {}, 'Le paramètre "field" est obligatoire'),
        ("/values_agg", {"field": "mois"}, "champ inconnu mois"),
        ("/values_agg", {"field": "annee", "agg_size": 1001}, '"agg_size" cannot be more than 1000'),
        (
            "/values_agg",
            {"field": "annee", "metric": "sum", "metric_field": "filiere"},
            "Impossible de calculer une métrique sur le champ filiere",
        ),
        ("/values_agg", {"field": "annee", "extra_metrics": "mois:sum"}, "sur le champ mois"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_plain_text(
    ask: Ask, path: str, parameters: dict[str, Any], words: str
) -> None:
    assert words in refused(ask(path, **parameters), 400)


def test_an_unknown_data_set_or_route_is_not_found_in_plain_text(portal: RunningPortal, ask: Ask) -> None:
    assert refused(portal.client.get(f"{portal.url}{NATIVE}/inconnu"), 404) == "Dataset not found"
    refused(ask("/rien"), 404)
    refused(portal.client.get(f"{portal.url}{EXPLORE}/inconnu/records"), 404)


def test_a_revision_moves_rows_sums_and_version_together(own_portal: RunningPortal) -> None:
    ask = asking(own_portal)
    before = ask().json()
    where = "annee = 2022 and code_commune = '00003'"
    changed = own_portal.control("rows", {"dataset": COMMUNES.id, "where": where, "set": {"conso_totale_mwh": "0.5"}})
    assert changed["rows"] == 2
    assert ask().json()["dataUpdatedAt"] > before["dataUpdatedAt"]
    rows = read(ask("/lines", format="csv", sep=";", size=100, qs='annee:2022 AND code_commune:"00003"'))[1:]
    assert [row[3] for row in rows] == ["0.5", "0.5"]


def test_calls_are_counted_by_the_name_of_the_catalogue_and_by_kind(own_portal: RunningPortal) -> None:
    ask = asking(own_portal)
    other = ask().json()["id"]
    own_portal.client.get(f"{own_portal.url}{NATIVE}/{other}/lines")
    ask("/values_agg", field="annee")
    ask("/raw")
    calls = own_portal.control()["calls"]
    assert calls == {f"ore/{COMMUNES.id}": {"metadata": 1, "lines": 1, "values_agg": 1, "raw": 1}}


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("status:500", 500, "internal error"),
        ("status:429-quota", 429, "Trop de traffic dans un interval restreint pour cette API."),
    ],
)
def test_faults_are_told_in_plain_text(own_portal: RunningPortal, fault: str, status: int, words: str) -> None:
    own_portal.control("faults", [{"fault": fault, "dataset": COMMUNES.id, "kind": "lines"}])
    assert refused(asking(own_portal)("/lines"), status) == words
    assert asking(own_portal)("/lines").status_code == 200


def test_faults_break_lines_and_aggregates_as_they_break_exports(own_portal: RunningPortal) -> None:
    ask = asking(own_portal)

    def strike(fault: str, kind: str = "lines") -> None:
        own_portal.control("faults", [{"fault": fault, "dataset": f"ore/{COMMUNES.id}", "kind": kind}])

    strike("html_200")
    assert ask("/lines", format="csv").text == "<html>maintenance</html>"
    strike("truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        ask("/lines", format="csv", size=10_000)
    strike("truncate_clean")
    assert 1 < len(read(ask("/lines", format="csv", size=10_000, sep=";"))) < len(ROWS)
    strike("empty")
    assert read(ask("/lines", format="csv", sep=";")) == [HEADER]
    strike("empty", "values_agg")
    assert ask("/values_agg", field="annee").json()["aggs"] == []
    strike("reset", "metadata")
    with pytest.raises(httpx.RemoteProtocolError):
        ask()


def test_a_quota_and_a_key_are_refused_in_plain_text_without_opendatasofts_headers(own_portal: RunningPortal) -> None:
    ask = asking(own_portal)
    assert not [name for name in ask().headers if name.startswith("x-ratelimit")]
    own_portal.control("private", {"dataset": COMMUNES.id, "key": "a-key"})
    refused(ask(), 401)
    own_portal.control("private", {"dataset": COMMUNES.id, "key": None})
    own_portal.control("quota", {"portal": "ore", "limit": 0})
    assert refused(ask(), 429) == "Trop de traffic dans un interval restreint pour cette API."


def test_synthetic_data_say_so(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "SYNTHETIC.json").write_text('{"synthetic": true}', "utf-8")
    with serve(tmp_path, catalog=Catalog([COMMUNES])) as running:
        reply = asking(running)()
    assert reply.headers["x-dataelec-synthetic"] == "true"
    assert reply.json()["title"].endswith("(données synthétiques)")


@pytest.mark.real
def test_a_published_file_is_served_under_technical_names_and_with_its_labels(real_portal: RunningPortal) -> None:
    name = "consommation-annuelle-d-electricite-et-gaz-par-commune"
    address = f"{real_portal.url}{NATIVE}/{name}"
    published = next((real_portal.app.store.data / "ore" / name).glob("*.csv")).read_text("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(published, newline=""), delimiter=";")
    years = [row[header.index("Année")] for row in rows]
    document = real_portal.client.get(address).json()
    assert document["count"] == len(rows) == 18_230
    assert {"annee", "conso_totale_mwh", "code_commune"} <= {each["key"] for each in document["schema"]}
    asked: dict[str, str | int] = {"format": "csv", "sep": ";", "qs": "annee:2023", "size": 10_000}
    lines = read(real_portal.client.get(f"{address}/lines", params=asked))
    assert set(lines[0]) == set(header)
    assert len(lines) - 1 == years.count("2023")
    groups = real_portal.client.get(f"{address}/values_agg", params={"field": "annee", "agg_size": 1000}).json()
    counts = {str(each["value"]): each["total"] for each in groups["aggs"]}
    assert counts == {year: years.count(year) for year in set(years)}
