"""How one portal is asked: its root, limits, patience and keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from dataelec_assets.catalog.portals import Limit
from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.retries import RetryPolicy

_KEY = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of silence before an attempt is given up.

    Attributes:
        connect: until the connection stands.
        read: until the next byte of a small reply.
        export: until the next byte of an export or of grouped records, which the portal prepares first.
    """

    connect: float = 10.0
    read: float = 30.0
    export: float = 120.0


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """How a portal is asked.

    Attributes:
        api_key: sent in a header only, never shown.
        secrets: parameters that hold the key of a portal that wants it there, never shown; see
            :mod:`dataelec_assets.portals.signing`.
        max_connections: polite limit of this process, whatever the number of clients; further threads wait.
        limits: what the portal grants within units of its clock, as far as it is known.
        retries: how often and how patiently to ask again.
        timeouts: of each attempt.
        deadline: seconds from the opening of the connection after which whatever is under way is cut and nothing more
            is asked; None: no limit.
        transport: replaces the network in tests.
        sleep: replaces the wait between attempts in tests; by default ``cancel`` ends it.
        folder: where a client keeps files that its portal has no months of; None: nowhere.
        root_of_portal: root of another portal, by its short name: an edition may lie there too.
    """

    api_key: str | None = field(default=None, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    max_connections: int = 4
    limits: tuple[Limit, ...] = ()
    retries: RetryPolicy = RetryPolicy()  # noqa: RUF009 - frozen
    timeouts: Timeouts = Timeouts()
    deadline: float | None = None
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] | None = None
    folder: Path | None = None
    root_of_portal: Callable[[str], str] | None = None

    def header_key(self) -> str | None:
        """Return the API key; None when there is none.

        Raises:
            SettingsError: no header can carry it; the message does not repeat it, as the HTTP library's would.
        """
        key = (self.api_key or "").strip()
        if key and not _KEY.fullmatch(key):
            raise SettingsError(
                "The API key holds characters that cannot be sent in a header.", advice="Copy it again."
            )
        return key or None


def root_of(base_url: str) -> str:
    """Return a portal's root without a trailing slash.

    Raises:
        SettingsError: the address cannot be used.
    """
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        raise SettingsError(f"The portal's address {base_url!r} is not a URL ({error}).") from error
    if url.userinfo or url.query or url.fragment:
        # The address is not repeated: what stands there may be a secret.
        raise SettingsError(
            "The portal's address must hold neither a user name nor parameters.",
            advice="Give its root, such as https://odre.opendatasoft.com; the API key has its own setting.",
        )
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(
            f"The portal's address {base_url!r} cannot be used.",
            advice="Give its root, such as https://odre.opendatasoft.com.",
        )
    return str(url).rstrip("/")
