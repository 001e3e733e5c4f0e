"""What differs between portals and catalogue is found, whatever it is, and nothing else is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.live.examine import Examined, examine
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from tests.live.as_catalogued import NOW, context, datasets, file_of, portals, show_editions
from tests.published import publish_edition, withdraw_edition
from tests.stubs import Stub

CATALOG = load_catalog()
NATIONAL, REGIONAL = "consommation-quotidienne-brute", "eco2mix-regional-tr"
YEARLY, OF_DEPARTEMENTS = (
    f"consommation-annuelle-d-electricite-et-gaz-par-{each}" for each in ("region", "departement")
)
CODES, MOVEMENTS = (f"code-officiel-geographique-{each}" for each in ("communes", "mouvements"))
PEOPLE, HOMES = "populations-legales-departements", "recensement-logement"


@pytest.fixture
def published() -> Iterator[Stub]:
    with portals() as running:
        yield running


def _examined(ctx: RunContext, *ids: str) -> list[Examined]:
    chosen = [ctx.catalog[each] for each in ids] if ids else list(ctx.catalog.values())
    return list(examine(ctx, chosen, pause=lambda: None))


def _said(examined: Sequence[Examined]) -> list[tuple[str, str]]:
    return [(each.dataset.id, str(one)) for each in examined for one in each.differences]


def test_portals_that_publish_what_the_catalogue_says_differ_in_nothing(published: Stub) -> None:
    examined = _examined(context(published))
    assert _said(examined) == []
    assert {each.dataset.id for each in examined if each.shown.state == "absent"} == {
        each.id for each in datasets() if each.withdrawn
    }
    assert {each.shown.state for each in examined} == {"answers", "absent"}
    assert [each.dataset.id for each in examined if each.shown.message and each.shown.state == "answers"] == []


def _differs(claim: str, catalogue: str, portal: str) -> str:
    return f"{claim}: the catalogue says {catalogue}; the portal {portal}"


def _other_file(published: Stub, dataset: str, old: str, new: str) -> None:
    newest = max(each.key for each in CATALOG[dataset].editions)
    content = file_of(CATALOG[dataset]).decode()
    assert old in content
    publish_edition(published, CATALOG[dataset], newest, content.replace(old, new, 1))


def _other_member(published: Stub, dataset: str) -> None:
    newest = max(CATALOG[dataset].editions, key=lambda each: each.key)
    withdraw_edition(published, CATALOG[dataset], newest.key)
    content = file_of(CATALOG[dataset])
    published.files["insee"].put(newest.path, content, dataset=dataset, member="logements.csv")


def _new_edition(published: Stub) -> None:
    path = "fr/statistiques/fichier/9/v_commune_2027.csv"
    published.files["insee"].put(path, file_of(CATALOG[CODES]), dataset=CODES)
    show_editions(published, CATALOG[CODES], a2027=path)


def _pages(dataset: str) -> tuple[str, ...]:
    search = CATALOG[dataset].search
    assert search is not None
    return search.pages


def _other_day(published: Stub, dataset: str, which: str, day: str) -> None:
    on = str(CATALOG[dataset].time_column)
    assert published.revise(dataset, f"{on} = (SELECT {which}({on}) FROM {{table}})", **{on: day}) == 1


def _plant(published: Stub) -> dict[str, list[str]]:
    """Plant one difference in each of some data sets, and return the words that tell each."""
    tables = published.tables
    tables.remove("eco2mix-regional-tr")
    tables.rename("prod-region-annuelle-enr", "production_hydraulique_renouvelable", "hydro")
    tables.rename_keeping_label(YEARLY, "conso_totale_mwh", "c_tot")
    tables.add("eco2mix-national-tr", "hydrogene", "double", "1")
    tables.retype("stock-quotidien-stockages-gaz", "stock_fin_de_journee", "text")
    tables.named(OF_DEPARTEMENTS).licence = "Open Database License (ODbL)"
    tables.named("eco2mix-national-cons-def").title = "Production nette"
    withdraw_edition(published, CATALOG[CODES], "2023")
    _new_edition(published)
    _other_member(published, HOMES)
    _other_file(published, MOVEMENTS, ";com_av;", ";avant;")
    _other_file(published, PEOPLE, ";1;1\n", ";un;1\n")
    tables.delete("injections-regionales-quotidiennes-consolidees-rpt")
    _other_day(published, NATIONAL, "min", "2009-03-01T00:00:00+00:00")
    _other_day(published, "temperature-quotidienne-regionale", "min", "2018-03-01")
    _other_day(published, "consommation-quotidienne-brute-regionale", "max", "2025-03-01T00:00:00+00:00")
    _other_day(published, "eco2mix-regional-cons-def", "max", "2027-03-01T00:00:00+00:00")
    _other_day(published, "imports-exports-commerciaux", "max", "2023-03-01")
    return {
        "eco2mix-regional-tr": [_differs("address", "it is at ODRÉ", "does not have it")],
        "prod-region-annuelle-enr": [
            _differs("column", "'production_hydraulique_renouvelable' is published", "does not have it"),
            _differs("column", "nothing of it", "has the column 'hydro'"),
        ],
        YEARLY: [_differs("column", "'conso_totale_mwh' is published", "calls it 'c_tot'")],
        "eco2mix-national-tr": [_differs("column", "nothing of it", "has the column 'hydrogene'")],
        "stock-quotidien-stockages-gaz": [
            _differs("type", "'stock_fin_de_journee' is declared double", "declares text")
        ],
        OF_DEPARTEMENTS: [_differs("licence", "Licence Ouverte v2.0 (Etalab)", "says Open Database License (ODbL)")],
        "eco2mix-national-cons-def": [
            _differs("title", repr(CATALOG["eco2mix-national-cons-def"].title), "says 'Production nette'")
        ],
        CODES: [
            _differs("edition", "edition 2023 is there", "does not have it"),
            _differs("edition", "nothing of edition 2027", "has it, at fr/statistiques/fichier/9/v_commune_2027.csv"),
        ],
        HOMES: [_differs("values", "its rows can be read", f"shows: {HOMES}: the archive of")],
        MOVEMENTS: [
            _differs("column", "'com_av' is published", "does not have it"),
            _differs("column", "nothing of it", "has the column 'avant'"),
        ],
        PEOPLE: [_differs("values", "its rows can be read", f"shows: {PEOPLE}: ")],
        "injections-regionales-quotidiennes-consolidees-rpt": [_differs("rows", "it has rows", "has none")],
        NATIONAL: [_differs("history", "it begins on 2012-01-01", "has rows of 2009-03-01")],
        "temperature-quotidienne-regionale": [_differs("history", "it begins on 2016-01-01", "begins on 2018-03-01")],
        "consommation-quotidienne-brute-regionale": [
            _differs("freshness", "it is kept up", "shows its newest measured value 630 d old")
        ],
        "eco2mix-regional-cons-def": [
            _differs("history", "it ends on 2026-11-21 at the latest", "has rows of 2027-03-01")
        ],
        "imports-exports-commerciaux": [_differs("history", "it ended on 2021-12-31", "has rows of 2023-03-01")],
    }


def test_each_difference_that_is_planted_is_found_and_nothing_else(published: Stub) -> None:
    wanted = _plant(published)
    found: dict[str, list[str]] = {}
    for dataset, words in _said(_examined(context(published))):
        found.setdefault(dataset, []).append(words)
    assert found.keys() == wanted.keys()
    for dataset, beginnings in wanted.items():
        assert len(found[dataset]) == len(beginnings), found[dataset]
        for said, beginning in zip(found[dataset], beginnings, strict=True):
            assert said.startswith(beginning)


def test_a_portal_that_does_not_answer_is_no_difference(published: Stub) -> None:
    published.fail("status:503", dataset=f"odre/{NATIONAL}")
    ctx = replace(context(published), retries=RetryPolicy(attempts=1))
    examined = _examined(ctx, NATIONAL, REGIONAL)
    assert [each.shown.state for each in examined] == ["silent", "answers"]
    assert "503" in (examined[0].shown.message or "")
    assert _said(examined) == []


def test_a_header_of_two_generations_is_told(published: Stub) -> None:
    mixed = ";".join(name for names in CATALOG[PEOPLE].header_sets for name in names)
    publish_edition(published, CATALOG[PEOPLE], "2023", f"{mixed};nbarr;nbcan;nbcom;pmun;ptot\n")
    ((_, said),) = _said(_examined(context(published), PEOPLE))
    assert "two generations of headers are mixed" in said


def test_a_server_that_sends_whole_files_only_is_said_so_and_nothing_is_downloaded(published: Stub) -> None:
    published.ranges = False
    (examined,) = _examined(context(published), HOMES)
    assert examined.differences == ()
    assert examined.shown.message == "the server sends whole files only: columns were not looked at"


def test_the_portals_are_asked_even_where_a_folder_is_read_instead(published: Stub, tmp_path: Path) -> None:
    ctx = context(published)
    ctx = replace(ctx, settings=replace(ctx.settings, folder=tmp_path))
    (examined,) = _examined(ctx, NATIONAL)
    assert (examined.shown.state, examined.shown.rows) == ("answers", 2)


def test_files_of_a_folder_do_not_stand_for_a_key(published: Stub, tmp_path: Path) -> None:
    (tmp_path / "openweathermap" / "meteo-actuelle-regions").mkdir(parents=True)
    ctx = replace(context(published), catalog=CATALOG)
    ctx = replace(ctx, settings=replace(ctx.settings, folder=tmp_path))
    (examined,) = _examined(ctx, "meteo-actuelle-regions")
    assert examined.shown.state == "off"


def test_rows_that_hold_no_measure_make_nothing_fresh(published: Stub) -> None:
    live = "eco2mix-national-tr"
    _other_day(published, live, "min", "2026-11-20T22:00:00+00:00")
    published.revise(live, "date_heure > '2026-11-20 20:00:00+00'", consommation=None)
    _other_day(published, live, "min", "2026-10-01T00:00:00+00:00")
    ((_, said),) = _said(_examined(context(published), live))
    assert said.startswith(_differs("freshness", "it is kept up", "shows its newest measured value 50 d old"))


def test_an_edition_that_has_moved_is_told_with_both_addresses(published: Stub) -> None:
    listed = max(CATALOG[HOMES].editions, key=lambda each: each.key)
    path = "fr/statistiques/fichier/9/RP2022_LOGEMT.zip"
    published.files["insee"].put(path, file_of(CATALOG[HOMES]), dataset=HOMES, member=str(listed.member))
    for page in _pages(HOMES):
        published.files["insee"].take_out(page)
    show_editions(published, CATALOG[HOMES], a2022=path)
    ((_, said),) = _said(_examined(context(published), HOMES))
    assert said == _differs("edition", f"edition 2022 is at {listed.path}", f"has it at {path}")


def test_an_edition_that_is_late_is_told(published: Stub) -> None:
    ctx = replace(context(published), now=lambda: NOW.replace(year=2027, month=9))
    ((_, said),) = _said(_examined(ctx, CODES))
    assert said.startswith(_differs("edition", "editions come out on time", "is late: edition 2027 is usually out by"))


def test_pages_that_cannot_be_read_are_told_and_the_listed_editions_are_looked_at(published: Stub) -> None:
    for page in _pages(HOMES):
        published.files["insee"].take_out(page)
    (examined,) = _examined(context(published), HOMES)
    assert (examined.shown.message or "").startswith("editions could not be looked for: ")
    assert examined.shown.editions.keys() == {each.key for each in CATALOG[HOMES].editions}


def test_nothing_is_remembered_of_a_look(published: Stub, tmp_path: Path) -> None:
    ctx = context(published)
    ctx = replace(ctx, settings=replace(ctx.settings, lake=tmp_path / "lake"))
    _examined(ctx, CODES, HOMES)
    assert not (tmp_path / "lake").exists()


def test_a_portal_is_asked_little_and_with_pauses(published: Stub) -> None:
    ctx = context(published)
    pauses: list[None] = []
    chosen = ctx.catalog.of_portal("odre")
    list(examine(ctx, chosen, pause=lambda: pauses.append(None)))
    assert len(pauses) == len(chosen) - 1
    assert {each.kind for each in published.calls} == {"metadata", "records"}
    assert len(published.calls) <= 2 * len(chosen)


def test_an_edition_costs_its_headers_and_the_newest_a_few_ranges(published: Stub) -> None:
    _examined(context(published), HOMES)
    calls = [(each.kind, each.parameters) for each in published.calls]
    editions, pages = len(CATALOG[HOMES].editions), len(_pages(HOMES))
    assert [kind for kind, _ in calls][pages : pages + editions] == ["head"] * editions
    assert len(calls) <= pages + editions + 4


def test_an_optional_source_without_a_key_is_not_asked(published: Stub) -> None:
    ctx = replace(context(published), catalog=CATALOG)
    (examined,) = _examined(ctx, "meteo-actuelle-regions")
    assert (examined.shown.state, examined.shown.message) == ("off", "DATAELEC_OPENWEATHERMAP_KEY is not set")
    assert published.calls == []
