"""Years of several pages on data-fair."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dataelec_assets.catalog import PORTALS
from dataelec_assets.database import connect
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, PortalUnreachable
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.reading import load
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.datafair import PAGE
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.portals.registry import open_portal
from dataelec_assets.portals.retries import RetryPolicy
from tests.portals.datafair_replies import COMMUNES
from tests.published import publish, stub
from tests.stubs import Stub

# Two full pages, then an empty one; a page and one line; a page that is not full.
ROWS = {2021: 2 * PAGE, 2022: PAGE + 1, 2023: 7}


@pytest.fixture(scope="module")
def running() -> Iterator[Stub]:
    lines = [f"{year};{number:05d};{number}.5;{number % 9}" for year, rows in ROWS.items() for number in range(rows)]
    with stub() as portal:
        publish(portal, COMMUNES, "Année;Code Commune;Conso totale (MWh);Nb sites\n" + "\n".join(lines) + "\n")
        yield portal


@pytest.fixture
def client(running: Stub) -> Iterator[PortalClient]:
    quick = RetryPolicy(attempts=2, first_wait=0.01)
    address = f"{running.url}/ore"
    with open_portal(PORTALS["ore"], address, ConnectionOptions(max_connections=1, retries=quick)) as opened:
        yield opened
    running.heal()


def lines_asked(running: Stub) -> int:
    return running.asked(f"ore/{COMMUNES.id}", "lines")


@pytest.mark.parametrize(("year", "pages"), [(2021, 3), (2022, 2), (2023, 1)])
def test_every_line_of_a_year_comes_once(
    running: Stub, client: PortalClient, tmp_path: Path, year: int, pages: int
) -> None:
    before = lines_asked(running)
    download = client.fetch(COMMUNES, str(year), tmp_path / "year.csv.zst", lambda _: None)
    assert lines_asked(running) - before == pages
    connection = connect()
    facts = load(connection, COMMUNES, inspect(COMMUNES.id, download.path), "year")
    assert (facts.rows, facts.first, facts.last) == (ROWS[year], str(year), str(year))
    assert connection.execute("SELECT count(DISTINCT code_commune), min(code_commune) FROM year").fetchall() == [
        (ROWS[year], "00000")
    ]
    client.verify(COMMUNES, str(year), facts.rows)
    again = client.fetch(COMMUNES, str(year), tmp_path / "again.csv.zst", lambda _: None)
    assert again.sha256 == download.sha256


def test_the_survey_knows_every_year(client: PortalClient) -> None:
    survey = client.survey(COMMUNES, client.metadata(COMMUNES))
    assert {key: each.rows for key, each in survey.partitions.items()} == {
        str(year): rows for year, rows in ROWS.items()
    }
    assert survey.partitions["2023"].sums == {"conso_totale_mwh": "24.5", "nb_sites": "21"}
    assert survey.weak == ()


def test_a_page_that_breaks_on_the_way_is_asked_again_alone(
    running: Stub, client: PortalClient, tmp_path: Path
) -> None:
    running.fail("truncate", kind="lines", after=1, times=1)
    before = lines_asked(running)
    client.fetch(COMMUNES, "2022", tmp_path / "year.csv.zst", lambda _: None)
    assert lines_asked(running) - before == 3


def test_lines_that_a_portal_left_out_are_missed(running: Stub, client: PortalClient, tmp_path: Path) -> None:
    running.fail("truncate_clean", kind="lines", times=1)
    download = client.fetch(COMMUNES, "2023", tmp_path / "year.csv.zst", lambda _: None)
    rows = load(connect(), COMMUNES, inspect(COMMUNES.id, download.path), "year").rows
    assert rows < ROWS[2023]
    with pytest.raises(IncompleteExport, match=f"{rows} rows in the export of 2023, 7 on the portal"):
        client.verify(COMMUNES, "2023", rows)


@pytest.mark.parametrize(("fault", "kind"), [("status:410", DatasetAbsent), ("reset", PortalUnreachable)])
def test_a_portal_that_fails_is_reported(
    running: Stub, client: PortalClient, tmp_path: Path, fault: str, kind: type[Exception]
) -> None:
    running.fail(fault, kind="lines")
    with pytest.raises(kind):
        client.fetch(COMMUNES, "2023", tmp_path / "year.csv.zst", lambda _: None)
    assert not list(tmp_path.iterdir())
