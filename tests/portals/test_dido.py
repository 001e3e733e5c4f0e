"""DiDo: which files, of which vintage, whole, and joined where there are several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataelec_assets.catalog import CatalogError, Dataset, DidoFiles, load_catalog
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, PortalUnreachable, UnexpectedContent
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.dido import DidoPortal, RowCount
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.portals.retries import RetryPolicy
from tests.portals.support import plain
from tests.stubs import Stub
from tests.stubs.dido import Vintage

CATALOG = load_catalog()
REGIONS, COMMUNES = CATALOG["indicateurs-odd-regions"], CATALOG["indicateurs-odd-communes"]

NAMES = ("CODGEO_CODE", "VARIABLE", "LIBELLE_VARIABLE", "A2025", "A2024")
ROWS = (("84", "pop", "population\ntotale", "8 200 000", "secret"), ("11", "pop", 'dite "totale"', "1,5", ""))
APRIL, MAY = datetime(2026, 4, 22, 8, tzinfo=UTC), datetime(2026, 5, 20, 8, tzinfo=UTC)
FILE = "318d1042-79c8-4d39-b337-9d261050cf7d"


@pytest.fixture
def portal() -> Iterator[Stub]:
    with Stub({"dido": "dido"}) as running:
        yield running


def put(
    portal: Stub, file: str, title: str, vintage: Vintage, *, dataset: Dataset = REGIONS, millesime: str = "2026-04"
) -> None:
    assert dataset.dido is not None
    portal.dido.put(dataset.dido.dataset, file, title, millesime, vintage)


def client(portal: Stub, attempts: int = 1) -> DidoPortal:
    options = ConnectionOptions(retries=RetryPolicy(attempts=attempts), sleep=lambda _: None)
    return DidoPortal(Connection(portal.addresses["dido_url"], options))


def fetched(portal: Stub, dataset: Dataset, folder: Path, attempts: int = 1) -> bytes:
    seen: list[int] = []
    with client(portal, attempts) as asked:
        download = asked.fetch(dataset, "2024", folder / "arrival.csv.zst", seen.append)
    content = plain(download.path)
    assert (download.bytes, sum(seen)) == (
        len(content),
        len(content) if download.url.endswith("one/csv") else sum(seen),
    )
    assert [each.name for each in folder.iterdir()] == ["arrival.csv.zst"]
    return content


def test_the_client_does_what_a_refresh_asks_of_any_portal(portal: Stub) -> None:
    assert isinstance(client(portal), PortalClient)


def test_one_call_tells_version_rows_columns_and_licence_of_all_grains(portal: Stub) -> None:
    put(portal, "one", "Toutes régions", Vintage(APRIL, NAMES, ROWS))
    put(portal, "two", "Tous EPCI", Vintage(MAY, NAMES, ROWS[:1]))
    with client(portal) as asked:
        metadata = asked.metadata(REGIONS)
        survey = asked.survey(REGIONS, metadata)
        assert asked.metadata(CATALOG["indicateurs-odd-epci"]).records_count == 1
    assert (metadata.records_count, metadata.licence) == (2, "fr-lo")
    assert metadata.data_processed.replace(microsecond=0) == APRIL
    assert [(each.name, each.type) for each in metadata.fields[2:4]] == [
        ("LIBELLE_VARIABLE", "text"),
        ("A2025", "double"),
    ]
    assert {key: each.rows for key, each in survey.partitions.items()} == {"2024": 2}
    assert len(portal.calls) == 1


def test_the_newest_vintage_is_asked_for_by_name_with_its_header_alone(portal: Stub, tmp_path: Path) -> None:
    put(portal, "one", "Toutes régions", Vintage(MAY, NAMES, ROWS), millesime="2026-05")
    put(portal, "one", "Toutes régions", Vintage(APRIL, NAMES, ROWS[:1]), millesime="2026-04")
    content = fetched(portal, REGIONS, tmp_path).decode()
    assert content.startswith(
        '"CODGEO_CODE";"VARIABLE";"LIBELLE_VARIABLE";"A2025";"A2024"\n"84";"pop";"population\ntotale"'
    )
    assert portal.calls[-1].parameters == {
        "millesime": "2026-05",
        "withColumnName": "true",
        "withColumnDescription": "false",
        "withColumnUnit": "false",
    }


def test_another_vintage_is_another_fingerprint_and_the_same_one_published_again_too(portal: Stub) -> None:
    found = []
    for millesime, issued in (("2025-04", APRIL), ("2026-04", APRIL), ("2026-04", MAY)):
        put(portal, "one", "Toutes régions", Vintage(issued, NAMES, ROWS), millesime=millesime)
        with client(portal) as asked:
            found.append(asked.survey(REGIONS, asked.metadata(REGIONS)).partitions["2024"].text)
    assert len(set(found)) == 3


@pytest.mark.parametrize("last", ["\n", ""])
def test_several_files_become_one_with_one_header(portal: Stub, tmp_path: Path, last: str) -> None:
    for file, title, rows in ((FILE, "Toutes les communes (1)", ROWS), ("b", "Communes DROM", ROWS[:1])):
        put(portal, file, title, Vintage(APRIL, NAMES, rows, last=last), dataset=COMMUNES)
    put(portal, "c", "Communautés de communes", Vintage(APRIL, NAMES, ROWS), dataset=COMMUNES)
    content = fetched(portal, COMMUNES, tmp_path).decode()
    assert content.count("CODGEO_CODE") == 1
    assert [line[:4] for line in content.splitlines()] == ['"COD', '"84"', "tota", '"11"', '"84"', "tota"]
    assert content.endswith("\n")


def test_files_with_unlike_headers_are_not_joined(portal: Stub, tmp_path: Path) -> None:
    put(portal, FILE, "Toutes les communes (1)", Vintage(APRIL, NAMES, ROWS), dataset=COMMUNES)
    put(portal, "b", "Toutes les communes (2)", Vintage(APRIL, NAMES[::-1], ROWS), dataset=COMMUNES)
    with pytest.raises(IncompleteExport, match="another header"):
        fetched(portal, COMMUNES, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("announced", [1, 3])
def test_a_file_with_other_rows_than_announced_is_refused(portal: Stub, tmp_path: Path, announced: int) -> None:
    put(portal, "one", "Toutes régions", Vintage(APRIL, NAMES, ROWS, announced=announced))
    with pytest.raises(IncompleteExport, match=rf"2 rows of file one, DiDo announces {announced}"):
        fetched(portal, REGIONS, tmp_path, attempts=2)
    assert [call.kind for call in portal.calls] == ["metadata", "export", "export"]
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_ends_early_is_asked_for_again(portal: Stub, tmp_path: Path) -> None:
    rows = [("84", f"v{number}", "x", "1", "2") for number in range(30)]
    put(portal, "one", "Toutes régions", Vintage(APRIL, NAMES, rows))
    for fault in ("truncate", "truncate_clean"):
        portal.fail(fault, kind="export", times=1)
        (tmp_path / fault).mkdir()
        assert fetched(portal, REGIONS, tmp_path / fault, attempts=2).count(b"\n") == 31


@pytest.mark.parametrize(
    ("title", "file"),
    [("Tous départements", "one"), ("Toutes les communautés de communes", FILE[:-1])],
)
def test_a_grain_that_dido_lacks_is_absent_and_its_files_are_named(portal: Stub, title: str, file: str) -> None:
    put(portal, file, title, Vintage(APRIL, NAMES, ROWS))
    for dataset in (REGIONS, COMMUNES):
        with client(portal) as asked, pytest.raises(DatasetAbsent, match=title):
            asked.metadata(dataset)


def test_without_the_data_set_every_grain_is_absent(portal: Stub) -> None:
    with client(portal) as asked, pytest.raises(DatasetAbsent):
        asked.metadata(REGIONS)


def test_a_silent_portal_is_asked_once_for_all_grains(portal: Stub) -> None:
    portal.fail("status:503")
    with client(portal, attempts=2) as asked:
        for dataset in (REGIONS, COMMUNES):
            with pytest.raises(PortalUnreachable, match=dataset.id):
                asked.metadata(dataset)
    assert len(portal.calls) == 2


def test_a_description_of_another_form_is_told(portal: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    put(portal, "one", "Toutes régions", Vintage(APRIL, NAMES, ROWS))
    monkeypatch.setattr(Vintage, "described", lambda *_: {"millesime": "2026-04"})
    with client(portal) as asked, pytest.raises(UnexpectedContent, match="date_diffusion"):
        asked.metadata(REGIONS)


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"a;b\n1;2\n", 1),
        (b"a;b\n1;2", 1),
        (b'a;b\n"1\n2";"3\n"\n', 1),
        (b'a;b\n"1""\n";3\n4;5\n', 2),
        (b"a;b\n", 0),
    ],
)
def test_rows_are_counted_wherever_the_pieces_end(body: bytes, rows: int) -> None:
    for size in range(1, len(body) + 1):
        count = RowCount()
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        assert b"".join(count.through([*pieces, b""])) == body
        assert count.rows == rows, size


def test_files_are_meant_by_words_of_their_title_or_by_their_id() -> None:
    listed = [("1", "ITDD - Toutes régions"), ("2", "Départements"), ("3", "Toutes régionsX")]
    assert DidoFiles("x", ("toutes regions",)).chosen(listed) == ["1"]
    assert DidoFiles("x", files=("2",)).chosen(listed) == ["2"]
    assert DidoFiles("x", ("toutes régions",), ("4",)).chosen(listed) == []


def test_an_entry_that_tells_no_file_or_has_several_editions_is_refused() -> None:
    with pytest.raises(CatalogError, match="neither titles nor files"):
        DidoFiles("x")
    census = CATALOG["recensement-logement"]
    with pytest.raises(CatalogError, match="one edition"):
        replace(census, dido=DidoFiles("x", ("y",)))
