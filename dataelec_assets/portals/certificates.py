"""The certificates that portals are verified with."""

from __future__ import annotations

import os
import ssl
from functools import cache

import httpx

# The variables by which OpenSSL, and so the HTTP library, finds other certificates than its own.
_PLACES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def trusted() -> ssl.SSLContext:
    """Return what verifies certificates, the same for every portal: to read them takes 40 ms of CPU."""
    return _read(*(os.environ.get(name) for name in _PLACES))


@cache
def _read(*_places: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()
