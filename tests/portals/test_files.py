"""Plain files: what a server's headers say of editions."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from dataelec_assets.errors import (
    DatasetAbsent,
    PortalUnreachable,
)
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.files import FilePortal
from dataelec_assets.portals.fingerprints import difference
from tests.portals.file_replies import CODES, COMMUNES, MONDAY, TUESDAY, head, surveyed
from tests.portals.support import Script, csv


def test_the_client_does_what_a_refresh_asks_of_any_portal() -> None:
    assert isinstance(FilePortal(Script(csv).connection()), PortalClient)


def test_metadata_cost_the_headers_of_each_edition_and_the_survey_nothing_more() -> None:
    script = Script(lambda: head(ETag='"a"', Last_Modified=MONDAY), lambda: head(ETag='"b"', Last_Modified=TUESDAY))
    with FilePortal(script.connection("https://portal.example/insee/")) as client:
        metadata = client.metadata(COMMUNES)
        survey = client.survey(COMMUNES, metadata)
    assert [each.method for each in script.requests] == ["HEAD", "HEAD"]
    assert [str(each.url) for each in script.requests] == [
        "https://portal.example/insee/fichier/6011070/ensemble.zip",
        "https://portal.example/insee/fichier/6683035/ensemble.zip",
    ]
    assert metadata.data_processed == datetime(2026, 1, 27, 8, tzinfo=UTC)
    assert (metadata.title, metadata.synthetic) == (COMMUNES.title, False)
    assert list(survey.partitions) == ["2019", "2020"]
    assert survey.versions == {"2019": "2026-01-26T08:00:00+00:00", "2020": "2026-01-27T08:00:00+00:00"}


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_server_that_refuses_head_gets_a_get_whose_body_is_not_read(status: int) -> None:
    script = Script(lambda: head(status), lambda: httpx.Response(200, headers={"ETag": '"a"'}, content=_unread()))
    with FilePortal(script.connection()) as client:
        survey = client.survey(CODES, client.metadata(replace(CODES, editions=CODES.editions[:1])))
    assert [each.method for each in script.requests] == ["HEAD", "GET"]
    assert survey.partitions["2022"].sums["ETag"] == '"a"'


def _unread() -> io.BytesIO:
    class Unread(io.BytesIO):
        def __iter__(self) -> Unread:
            raise AssertionError("the body of a file is read although its headers are asked for")

    return Unread()


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        ({"ETag": '"a"'}, {"ETag": '"a"'}, None),
        ({"ETag": '"a"'}, {"ETag": '"b"'}, "revised"),
        ({"Last_Modified": MONDAY}, {"Last_Modified": MONDAY}, None),
        ({"Last_Modified": MONDAY}, {"Last_Modified": TUESDAY}, "revised"),
        ({"ETag": '"a"', "Last_Modified": MONDAY}, {"ETag": '"a"', "Last_Modified": TUESDAY}, "revised"),
        ({"ETag": '"a"', "Content_Length": "9"}, {"ETag": '"a"', "Content_Length": "8"}, "revised"),
        ({"ETag": '"a"', "Last_Modified": MONDAY}, {"Last_Modified": MONDAY}, "revised"),
        ({"ETag": '"a"'}, {}, "revised"),
        ({}, {"ETag": '"a"'}, "revised"),
        ({}, {}, None),
    ],
)
def test_an_edition_moves_when_what_its_server_says_of_it_moves(
    before: dict[str, str], now: dict[str, str], reason: str | None
) -> None:
    known = surveyed(lambda: head(**before)).partitions["2022"]
    assert difference(known.text, surveyed(lambda: head(**now)).partitions["2022"]) == reason


@pytest.mark.parametrize("headers", [{}, {"Content_Length": "31"}, {"Date": TUESDAY}])
def test_the_file_of_a_server_without_validators_is_fetched_once_a_day(
    headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 1, 26, 12, tzinfo=UTC)
    monkeypatch.setattr("dataelec_assets.portals.files._now", lambda: noon)
    known = surveyed(lambda: head(**headers)).partitions["2022"]
    assert difference(known.text, surveyed(lambda: head(**headers)).partitions["2022"]) is None
    monkeypatch.setattr("dataelec_assets.portals.files._now", lambda: noon + timedelta(days=1))
    tomorrow = surveyed(lambda: head(**headers))
    assert difference(known.text, tomorrow.partitions["2022"]) == "revised"
    assert tomorrow.versions == {}


def test_an_unreadable_date_is_compared_as_text() -> None:
    survey = surveyed(lambda: head(Last_Modified="yesterday"))
    assert survey.versions == {}
    assert survey.partitions["2022"].sums["Last-Modified"] == "yesterday"


def test_an_edition_that_is_gone_is_left_out() -> None:
    assert list(surveyed(lambda: head(404), lambda: head(ETag='"b"')).partitions) == ["2023"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_data_set_without_any_edition_left_is_absent(status: int) -> None:
    with pytest.raises(DatasetAbsent, match=f"HTTP {status}.*v_2023"):
        surveyed(lambda: head(status))


def test_a_server_that_fails_does_not_mean_that_an_edition_is_gone() -> None:
    with pytest.raises(PortalUnreachable, match="HTTP 500"):
        surveyed(lambda: head(ETag='"a"'), lambda: head(500))
