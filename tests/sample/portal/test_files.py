"""Portals of plain files: editions found by name, archives packed on the fly, validators, conditional requests."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from dataelec_assets.catalog import PORTALS, Catalog, Column, Dataset, Edition, Partitioning
from dataelec_assets.sample.portal import RunningPortal, serve

ENSEMBLE_2019, ENSEMBLE_2023 = "fr/statistiques/fichier/6011070/ensemble.zip", "fr/statistiques/fichier/86/ensemble.zip"

COMMUNES = Dataset(
    portal="insee",
    id="populations-communes",
    title="Populations des communes",
    publisher="INSEE",
    cadence="yearly",
    expected_lag=timedelta(days=1100),
    history_start=date(2019, 1, 1),
    partitioning=Partitioning("edition"),
    key=("com",),
    fingerprint=("pmun",),
    columns=(Column("com", "text", nullable=False), Column("pmun", "double", unit="hab")),
    editions=(
        Edition("2019", ENSEMBLE_2019, member="donnees_communes.csv", labels=("population-2019",)),
        Edition("2023", ENSEMBLE_2023, member="donnees_communes.csv", labels=("vintage-2026-01",)),
    ),
)
REGIONS = replace(
    COMMUNES,
    id="populations-regions",
    editions=(Edition("2019", ENSEMBLE_2019, member="donnees_regions*.csv"),),
)
CODES = replace(
    COMMUNES,
    id="code-officiel",
    editions=(Edition("2022", "fichier/605/commune_2022.csv"), Edition("2024", "fichier/776/v_commune_2024.csv")),
)
CATALOG = Catalog([COMMUNES, REGIONS, CODES])
OLD, NEW, REGION, CODE = (b"COM;PMUN\n01001;%d\n" % number for number in (776, 861, 8, 0))


def write(folder: Path) -> None:
    """Write files as collected: in folders of any name, stamped, one gzipped, among others."""
    files = {
        "populations-legales/donnees_communes_population-2019_old-header.csv": OLD,
        "populations-legales/donnees_communes_vintage-2026-01_new-header.csv.gz": gzip.compress(NEW, mtime=0),
        "populations-legales/2019/donnees_regions_2019.csv": REGION,
        "populations-legales/donnees_departements_2019.csv": b"not asked for\n",
        "populations-legales/README.md": b"2019\n",
        "commune_2022.csv": CODE,
    }
    for name, content in files.items():
        path = folder / "insee" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[RunningPortal]:
    write(tmp_path)
    with serve(tmp_path, catalog=CATALOG) as running:
        yield running


def ask(portal: RunningPortal, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return portal.client.request(method, f"{portal.url}/insee/{path}", headers=named)


def members(reply: httpx.Response) -> dict[str, bytes]:
    assert reply.status_code == 200
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_archive_holds_the_members_of_every_data_set_that_shares_its_address(portal: RunningPortal) -> None:
    reply = ask(portal, ENSEMBLE_2019)
    assert reply.headers["content-type"] == "application/zip"
    assert members(reply) == {"donnees_communes.csv": OLD, "donnees_regions.csv": REGION}


def test_a_copy_is_found_by_the_labels_of_its_edition_and_unpacked(portal: RunningPortal) -> None:
    assert members(ask(portal, ENSEMBLE_2023)) == {"donnees_communes.csv": NEW}


def test_a_plain_file_is_found_by_the_name_in_its_address(portal: RunningPortal) -> None:
    reply = ask(portal, "fichier/605/commune_2022.csv")
    assert reply.content == CODE
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-length"] == str(len(CODE))


@pytest.mark.parametrize(
    "path",
    [
        "fichier/776/v_commune_2024.csv",  # of the catalogue, not in the folder
        "commune_2022.csv",  # in the folder, of no edition
        "fr/statistiques",
        "",
    ],
)
def test_anything_else_is_not_found_in_html(portal: RunningPortal, path: str) -> None:
    reply = ask(portal, path)
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert ask(portal, path, "HEAD").status_code == 404


def test_a_year_is_not_found_inside_a_longer_date(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "insee" / "commune_2022-07_vintage-2030.csv").write_bytes(b"other\n")
    (tmp_path / "insee" / "commune_20221_vintage-2030.csv").write_bytes(b"other\n")
    with serve(tmp_path, catalog=CATALOG) as running:
        assert ask(running, "fichier/605/commune_2022.csv").content == CODE


def test_of_several_copies_the_newest_is_served(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "insee" / "commune_2022_vintage-2025.csv").write_bytes(b"newer\n")
    (tmp_path / "insee" / "commune_2022_vintage-2024.csv").write_bytes(b"older\n")
    with serve(tmp_path, catalog=CATALOG) as running:
        reply = ask(running, "fichier/605/commune_2022.csv")
        running.control("vintage", {"stamp": "2024"})
        before = ask(running, "fichier/605/commune_2022.csv")
        running.control("vintage", {"stamp": "2021"})
        absent = ask(running, "fichier/605/commune_2022.csv")
        stamps = running.control()["datasets"]["insee/code-officiel"]
        running.control("vintage", {"step": 1})
        first = ask(running, "fichier/605/commune_2022.csv")
    assert (reply.content, before.content, absent.status_code) == (b"newer\n", b"older\n", 404)
    assert first.content == CODE
    assert parsedate_to_datetime(reply.headers["last-modified"]) == datetime(2026, 1, 1, tzinfo=UTC)
    assert stamps == ["2023-01-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"]


def test_head_tells_what_get_tells_without_the_body(portal: RunningPortal) -> None:
    for path in (ENSEMBLE_2019, "fichier/605/commune_2022.csv"):
        whole, head = ask(portal, path), ask(portal, path, "HEAD")
        assert head.content == b""
        for name in ("etag", "last-modified", "content-length", "content-type"):
            assert head.headers[name] == whole.headers[name]
        assert head.headers["content-length"] == str(len(whole.content))


def test_the_time_of_a_file_is_that_of_its_stamp_or_of_its_last_change(portal: RunningPortal) -> None:
    def modified(path: str) -> datetime:
        return parsedate_to_datetime(ask(portal, path).headers["last-modified"])

    assert modified("fichier/605/commune_2022.csv") == datetime(2023, 1, 1, tzinfo=UTC)
    assert modified(ENSEMBLE_2023) == datetime(2026, 2, 1, tzinfo=UTC)
    # Two members, of which one has no stamp.
    assert modified(ENSEMBLE_2019) == max(datetime.fromtimestamp(1_700_000_000, UTC), datetime(2020, 1, 1, tzinfo=UTC))
    with zipfile.ZipFile(io.BytesIO(ask(portal, ENSEMBLE_2023).content)) as archive:
        assert [each.date_time for each in archive.infolist()] == [(2026, 2, 1, 0, 0, 0)]


def test_equal_files_give_equal_bytes_in_every_portal(
    portal: RunningPortal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    write(other)
    with serve(other, catalog=CATALOG) as running:
        one, two = ask(portal, ENSEMBLE_2019), ask(running, ENSEMBLE_2019)
    assert one.content == two.content
    assert one.headers["etag"] == two.headers["etag"]


def test_who_has_the_file_is_told_so(portal: RunningPortal) -> None:
    reply = ask(portal, ENSEMBLE_2019)
    etag, modified = reply.headers["etag"], reply.headers["last-modified"]
    known: list[dict[str, str]] = [
        {"If_None_Match": etag},
        {"If_None_Match": f'"x", W/{etag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": modified},
        {"If_None_Match": etag, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ]
    for headers in known:
        answer = ask(portal, ENSEMBLE_2019, **headers)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    unknown: list[dict[str, str]] = [
        {"If_None_Match": '"x"'},
        {"If_None_Match": '"x"', "If_Modified_Since": modified},
        {"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ]
    for headers in unknown:
        assert ask(portal, ENSEMBLE_2019, **headers).status_code == 200


def test_a_replaced_edition_moves_and_the_others_stay(portal: RunningPortal) -> None:
    before = {path: ask(portal, path, "HEAD").headers for path in (ENSEMBLE_2019, ENSEMBLE_2023)}
    portal.control("file", {"dataset": COMMUNES.id, "edition": "2019", "content": "COM;PMUN\n01001;777\n"})
    reply = ask(portal, ENSEMBLE_2019)
    assert members(reply)["donnees_communes.csv"] == b"COM;PMUN\n01001;777\n"
    assert members(reply)["donnees_regions.csv"] == REGION
    assert reply.headers["etag"] != before[ENSEMBLE_2019]["etag"]
    assert reply.headers["last-modified"] != before[ENSEMBLE_2019]["last-modified"]
    after = ask(portal, ENSEMBLE_2023, "HEAD").headers
    assert [after[name] for name in ("etag", "last-modified")] == [
        before[ENSEMBLE_2023][name] for name in ("etag", "last-modified")
    ]


def test_a_removed_edition_leaves_its_archive_and_then_the_archive_goes(portal: RunningPortal) -> None:
    portal.control("file", {"dataset": f"insee/{COMMUNES.id}", "edition": "2019", "delete": True})
    assert list(members(ask(portal, ENSEMBLE_2019))) == ["donnees_regions.csv"]
    portal.control("file", {"dataset": REGIONS.id, "edition": "2019", "delete": True})
    assert ask(portal, ENSEMBLE_2019).status_code == 404


def test_a_touched_edition_moves_its_time_and_keeps_its_content(portal: RunningPortal) -> None:
    path = "fichier/605/commune_2022.csv"
    before = ask(portal, path)
    assert portal.control("touch", {"dataset": CODES.id, "edition": "2022"}) == {"editions": ["2022"]}
    after = ask(portal, path)
    assert after.headers["last-modified"] != before.headers["last-modified"]
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    assert portal.control("touch", {"dataset": CODES.id}) == {"editions": ["2022", "2024"]}


@pytest.mark.parametrize(
    ("call", "payload", "status"),
    [
        ("file", {"dataset": "populations-communes", "edition": "1999", "content": ""}, 400),
        ("file", {"dataset": "populations-communes", "edition": "2019"}, 400),
        ("file", {"dataset": "populations-communes", "edition": "2019", "content": "", "delete": True}, 400),
        ("file", {"dataset": "inconnu", "edition": "2019", "content": ""}, 404),
        ("touch", {"dataset": "populations-communes", "edition": "1999"}, 400),
        ("rows", {"dataset": "populations-communes", "delete": True}, 404),
    ],
)
def test_a_control_call_that_makes_no_sense_is_refused(
    portal: RunningPortal, call: str, payload: dict[str, object], status: int
) -> None:
    assert portal.client.post(f"{portal.url}/_control/{call}", json=payload).status_code == status


def test_calls_are_counted_by_address_and_kind(portal: RunningPortal) -> None:
    ask(portal, ENSEMBLE_2019, "HEAD")
    ask(portal, ENSEMBLE_2019)
    ask(portal, "rien")
    assert portal.control()["calls"] == {f"insee/{ENSEMBLE_2019}": {"head": 1, "file": 1}, "insee/rien": {"file": 1}}


def test_faults_strike_by_address_or_by_data_set(portal: RunningPortal) -> None:
    def strike(fault: str, dataset: str, kind: str | None = None) -> None:
        portal.control("faults", [{"fault": fault, "dataset": dataset, "kind": kind}])

    strike("status:405", COMMUNES.id, "head")
    assert ask(portal, ENSEMBLE_2019).status_code == 200
    assert ask(portal, ENSEMBLE_2019, "HEAD").status_code == 405
    assert ask(portal, ENSEMBLE_2019, "HEAD").status_code == 200
    strike("html_200", ENSEMBLE_2019)
    assert ask(portal, ENSEMBLE_2023).headers["content-type"] == "application/zip"
    assert ask(portal, ENSEMBLE_2019).text == "<html>maintenance</html>"
    strike("truncate", REGIONS.id)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(portal, ENSEMBLE_2019)
    strike("truncate_clean", f"insee/{REGIONS.id}")
    assert not zipfile.is_zipfile(io.BytesIO(ask(portal, ENSEMBLE_2019).content))
    strike("truncate_clean", CODES.id)
    assert ask(portal, "fichier/605/commune_2022.csv", "HEAD").status_code == 200
    strike("empty", CODES.id)
    assert ask(portal, "fichier/605/commune_2022.csv").content == b""
    strike("status:500", CODES.id)
    assert ask(portal, "fichier/605/commune_2022.csv").headers["content-type"] == "text/html; charset=utf-8"


def test_synthetic_files_say_so(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "SYNTHETIC.json").write_text('{"synthetic": true}', "utf-8")
    with serve(tmp_path, catalog=CATALOG) as running:
        assert ask(running, ENSEMBLE_2019, "HEAD").headers["x-dataelec-synthetic"] == "true"


def test_every_portal_of_the_catalogue_has_an_address_here(portal: RunningPortal) -> None:
    assert {str(address) for address in portal.addresses.values()} == {f"{portal.url}/{name}" for name in PORTALS}
    assert set(portal.addresses) == {f"{name}_url" for name in PORTALS}
