"""OpenWeatherMap: what real replies say, and what is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation, PortalUnreachable, SourceError, UnexpectedContent
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.openweathermap import OpenWeatherMapPortal, current_weather
from tests.portals.keyed_replies import NOW, weather
from tests.portals.support import Script, document, page, plain

DATE = "Sat, 28 Mar 2026 09:48:00 GMT"


def replies(spoil: Callable[[dict[str, Any]], object] = lambda _: None) -> Iterator[Callable[[], httpx.Response]]:
    """Yield what is said of each chief town; the third reply is spoiled."""
    for number, code in enumerate(sorted(CHIEF_TOWNS)):
        said = weather(*CHIEF_TOWNS[code][1:])
        if number == 2:  # Dijon
            spoil(said)
        yield lambda said=said: document(said, Date=DATE)  # type: ignore[misc]  # bound now


@pytest.mark.parametrize(
    ("name", "row"),
    [
        # In Kelvin: 282.36 - 273.15; with gusts.
        ("2021-04-15_standard-units", ("2021-04-15T12:33:28+00:00", "9.21", "42", "1028", "5.66", "12.35", "", "0")),
        ("2022-02-19_metric_fr", ("2022-02-19T11:42:17+00:00", "8.72", "62", "1020", "7.2", "", "", "20")),
        ("2025-07-19_metric", ("2025-07-19T17:00:49+00:00", "26.26", "54", "1006", "4.63", "", "", "40")),
    ],
)
def test_real_replies_are_read_in_metric_units_whatever_theirs(
    real_data: Path, name: str, row: tuple[str, ...]
) -> None:
    file = real_data / "openweathermap" / "current-weather" / f"openweathermap_paris_{name}.json"
    found = current_weather(json.loads(file.read_text("utf-8")))
    assert (found[0], *found[3:]) == row
    assert found[1:3] == ("48.8534", "2.3488")


def test_a_look_and_its_download_ask_once_for_each_chief_town(tmp_path: Path) -> None:
    script = Script(*replies())
    with OpenWeatherMapPortal(script.connection()) as client:
        assert isinstance(client, PortalClient)
        metadata = client.metadata(NOW)
        survey = client.survey(NOW, metadata)
        download = client.fetch(NOW, "2026-03", tmp_path / "part", lambda _: None)
    assert len(script.requests) == 13
    assert {each.url.path for each in script.requests} == {"/data/2.5/weather"}
    assert {each.url.params["units"] for each in script.requests} == {"metric"}
    assert len({each.url.params["lat"] for each in script.requests}) == 13
    assert survey.versions == {"2026-03": "2026-03-28T09:48:00+00:00"}
    assert download.parameters == {"lat": "48.8566", "lon": "2.3522", "units": "metric"}
    rows = list(csv.DictReader(plain(download.path).decode().splitlines(), delimiter=";"))
    assert [row["code_region"] for row in rows] == sorted(CHIEF_TOWNS)
    assert list(rows[0]) == list(NOW.column_names)
    assert (rows[0]["instant"], rows[0]["temperature"]) == ("2026-03-28T09:45:00+00:00", "8.5")
    assert (rows[0]["rafale"], rows[0]["pluie_1h"], rows[0]["nebulosite"]) == ("", "0.4", "75")


@pytest.mark.parametrize(
    ("spoil", "fault", "words"),
    [
        (lambda said: said["coord"].update(lat=45.76), ContractViolation, "answers for Dijon"),
        (lambda said: said["main"].update(temp=84.2), ContractViolation, "84.2 °C at Dijon: is the unit not"),
        (lambda said: said["main"].update(temp=160), ContractViolation, "is the unit not"),
        (lambda said: said["main"].pop("temp"), UnexpectedContent, "KeyError: 'temp'"),
        (lambda said: said.update(dt=None), UnexpectedContent, "TypeError"),
        (lambda said: said["wind"].update(speed="strong"), UnexpectedContent, "ValueError"),
    ],
)
def test_a_reply_to_another_question_is_refused(
    spoil: Callable[[dict[str, Any]], object], fault: type[SourceError], words: str
) -> None:
    with OpenWeatherMapPortal(Script(*replies(spoil)).connection()) as client, pytest.raises(fault, match=words):
        client.metadata(NOW)


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (page, UnexpectedContent),
        (lambda: document([1]), UnexpectedContent),
        (lambda: httpx.Response(200, content=iter([b'{"coord":'])), PortalUnreachable),
    ],
)
def test_pages_lists_and_broken_bodies_are_no_weather(
    broken: Callable[[], httpx.Response], fault: type[SourceError]
) -> None:
    with OpenWeatherMapPortal(Script(broken).connection()) as client, pytest.raises(fault):
        client.metadata(NOW)
