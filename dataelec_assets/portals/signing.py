"""Keys that a portal wants as parameters, added below everything that could show an address.

The HTTP library logs addresses, its errors and replies carry them, manifests record them. So the transport, the last
before the socket, adds the key to a copy of the request: nothing above it holds an address with a key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, quote, quote_plus, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from dataelec_assets.catalog import PortalInfo
from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.certificates import trusted

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SigningTransport(httpx.BaseTransport):
    """Adds the key to requests to one portal, and to no others.

    Args:
        base_url: root of the portal.
        secrets: parameters to add.
        inner: sends the request.
    """

    def __init__(self, base_url: str, secrets: Mapping[str, str], inner: httpx.BaseTransport) -> None:
        self._origin = _origin(httpx.URL(base_url))
        self._secrets = dict(secrets)
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, signed when it is for the portal."""
        if _origin(request.url) != self._origin:
            return self._inner.handle_request(request)
        signed = httpx.Request(
            request.method,
            request.url.copy_merge_params(self._secrets),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._inner.handle_request(signed)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def direct_transport(base_url: str, limits: httpx.Limits) -> httpx.BaseTransport:
    """Return the transport to one host, through the proxy of the environment, if any.

    A client whose transport is given looks for no proxy by itself.
    """
    url = urlsplit(base_url)
    host = url.hostname or ""
    is_direct = host in _LOOPBACK or bool(proxy_bypass(host))
    proxies = getproxies()
    return httpx.HTTPTransport(
        verify=trusted(), limits=limits, proxy=None if is_direct else proxies.get(url.scheme) or proxies.get("all")
    )


def secrets_of(info: PortalInfo, key: str | None) -> dict[str, str]:
    """Return the parameters that hold the key of a portal; none for a portal without.

    Args:
        info: which parameters it wants, always or of a paid plan. A single one is the key; several are written
            ``name=value&name=value``.
        key: what the setting holds.

    Raises:
        SettingsError: the key is missing or does not have that form; the message does not repeat it.
    """
    text = (key or "").strip()
    names = (info.paid.parameter,) if info.paid and text else info.key_parameters
    if not names:
        return {}
    if len(names) == 1:
        found = {names[0]: text}
    else:
        found = {name: values[-1] for name, values in parse_qs(text.lstrip("?&")).items()}
    if set(found) != set(names) or not all(found.values()) or any(not each.isprintable() for each in found.values()):
        form = "&".join(f"{name}=…" for name in names) if len(names) > 1 else "the key alone"
        raise SettingsError(
            f"The key of {info.name} does not have the form that its portal wants.", advice=f"Give {form}."
        )
    return found


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return each secret as it is and as addresses and JSON write it, longest first, to hide them in a text."""
    found: set[str] = set()
    for each in secrets:
        escaped = json.dumps(each)[1:-1]
        # Some servers write a slash with a backslash before it in JSON.
        found |= {each, quote(each, safe=""), quote_plus(each), escaped, escaped.replace("/", "\\/")}
    return tuple(sorted(found - {""}, key=len, reverse=True))


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
