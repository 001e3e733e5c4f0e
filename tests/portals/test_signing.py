"""Keys sent as parameters: they reach the portal, and nothing that anyone can read."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest

from dataelec_assets.catalog import PORTALS
from dataelec_assets.errors import PortalUnreachable, RequestRejected, SettingsError, SourceError, UnexpectedContent
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.portals.signing import direct_transport, secrets_of, spellings
from tests.portals.support import Script, document, page

KEY = "a+b/c d=é"
QUOTED = "a%2Bb%2Fc%20d%3D%C3%A9"


def connection(script: Script) -> Connection:
    return script.connection(retries=RetryPolicy(attempts=2, first_wait=0), secrets={"appid": KEY})


def ask(script: Script, use: Callable[[httpx.Response], object] = httpx.Response.read) -> object:
    asked = connection(script)
    try:
        return asked.ask("https://portal.example/x", {"lat": "1"}, use, dataset_id="meteo", silence=1)
    finally:
        asked.close()


def test_the_portal_gets_the_key_and_what_reads_the_reply_does_not(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(lambda: document({"cod": 200}))
    with caplog.at_level(logging.DEBUG):
        shown = ask(script, lambda response: (str(response.url), str(response.request.url)))
    assert script.parameters == {"lat": "1", "appid": KEY}
    assert shown == ("https://portal.example/x?lat=1",) * 2
    assert "portal.example/x" in caplog.text  # the library does log addresses
    assert not any(spelling in caplog.text for spelling in (*spellings([KEY]), "appid"))


def _broken() -> httpx.Response:
    return httpx.Response(500, text=f"cannot serve /x?appid={QUOTED} ({KEY})")


@pytest.mark.parametrize(
    ("reply", "use", "fault"),
    [
        (lambda: document({"message": f"Invalid API key {KEY}"}, 401), httpx.Response.read, RequestRejected),
        (_broken, httpx.Response.read, PortalUnreachable),
        (lambda: httpx.ConnectError(f"no route for {KEY}"), httpx.Response.read, PortalUnreachable),
        (lambda: httpx.ReadError(f"broke at ?appid={QUOTED}"), httpx.Response.read, PortalUnreachable),
    ],
)
def test_no_error_shows_the_key_that_a_portal_or_a_library_repeats(
    reply: Callable[[], httpx.Response | httpx.TransportError],
    use: Callable[[httpx.Response], object],
    fault: type[SourceError],
) -> None:
    with pytest.raises(fault) as raised:
        ask(Script(reply), use)
    assert not any(spelling in str(raised.value) for spelling in spellings([KEY]))
    assert "***" in str(raised.value)


def test_a_redirect_is_not_followed_since_its_address_may_hold_the_key() -> None:
    script = Script(lambda: httpx.Response(302, headers={"Location": f"https://other.example/?appid={QUOTED}"}), page)
    with pytest.raises((RequestRejected, UnexpectedContent)) as raised:
        ask(script)
    assert {each.url.host for each in script.requests} == {"portal.example"}
    assert QUOTED not in str(raised.value)


def test_another_host_never_gets_the_key() -> None:
    script = Script(lambda: document({}))
    with_key = connection(script)
    with_key.ask("https://other.example/x", {}, httpx.Response.read, dataset_id="meteo", silence=1)
    with_key.close()
    assert "appid" not in script.parameters


def test_a_key_is_read_in_the_form_of_its_portal() -> None:
    assert secrets_of(PORTALS["open_meteo"], None) == {}
    assert secrets_of(PORTALS["openweathermap"], " k1 ") == {"appid": "k1"}
    as_given = "?_auth=ARs%2FDF%3D&_c=77a"
    assert secrets_of(PORTALS["infoclimat"], as_given) == {"_auth": "ARs/DF=", "_c": "77a"}


@pytest.mark.parametrize(
    "key", ["secret", "_auth=secret", "_auth=secret&_c=", "_auth=secret&_c=1&x=2", "_auth=s\n&_c=1"]
)
def test_a_key_of_another_form_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(SettingsError, match="key of Infoclimat") as raised:
        secrets_of(PORTALS["infoclimat"], key)
    assert "_auth=…&_c=…" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_proxy_of_the_environment_is_used_for_others_and_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[object] = []

    def transport(**options: object) -> httpx.MockTransport:
        found.append(options["proxy"])
        return httpx.MockTransport(lambda _: httpx.Response(200))

    monkeypatch.setattr(httpx, "HTTPTransport", transport)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "direct.example")
    for address in ("https://portal.example", "https://direct.example", "http://127.0.0.1:8085/infoclimat"):
        direct_transport(address, httpx.Limits())
    assert found == ["http://proxy.example:3128", None, None]
