"""Certificates are read once for all portals, and verified for each."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from dataelec_assets.portals import certificates
from dataelec_assets.portals.certificates import trusted
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.options import ConnectionOptions


def test_connections_to_several_portals_read_certificates_once(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine, made = ssl.create_default_context, []

    def count(**options: Any) -> ssl.SSLContext:
        made.append(options)
        return genuine(**options)

    certificates._read.cache_clear()
    monkeypatch.setattr(ssl, "create_default_context", count)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # a proxy has connections of its own
    for address, secrets in (("https://a.example", {}), ("https://b.example", {}), ("https://c.example", {"k": "v"})):
        Connection(address, ConnectionOptions(secrets=secrets)).close()
    assert len(made) == 1


def test_they_are_verified() -> None:
    assert trusted().verify_mode == ssl.CERT_REQUIRED
    assert trusted().check_hostname


def test_others_that_the_environment_names_are_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----")
    (tmp_path / "own.pem").write_text("".join(one[:2]) + "\n", encoding="utf-8")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    usual = trusted()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    assert len(trusted().get_ca_certs()) == 1 < len(usual.get_ca_certs())
    assert httpx.create_ssl_context().get_ca_certs() == trusted().get_ca_certs()
