"""Opens the client that a portal's API needs."""

from __future__ import annotations

from dataelec_assets.catalog import PortalInfo
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.connection import Connection, Timeouts
from dataelec_assets.portals.datafair import DataFairPortal
from dataelec_assets.portals.explore import ExplorePortal
from dataelec_assets.portals.files import FilePortal
from dataelec_assets.portals.open_meteo import OpenMeteoPortal
from dataelec_assets.portals.opendatasoft import OpendatasoftClient
from dataelec_assets.portals.retries import RetryPolicy


def open_portal(
    info: PortalInfo, url: str, *, api_key: str | None, max_connections: int, retries: RetryPolicy
) -> PortalClient:
    """Return a new client of a portal; the caller closes it.

    Args:
        info: which API it has.
        url: its root.
        api_key: sent in a header only, never shown; for Opendatasoft.
        max_connections: polite limit; further threads wait for a connection.
        retries: how often and how patiently to ask again.

    Raises:
        SettingsError: the address or the key cannot be used.
    """
    if info.api == "opendatasoft":
        return ExplorePortal(OpendatasoftClient(url, api_key=api_key, max_connections=max_connections, retries=retries))
    connection = Connection(
        url,
        api_key=None,
        max_connections=max_connections,
        policy=retries,
        timeouts=Timeouts(),
        transport=None,
        sleep=None,
    )
    if info.api == "data-fair":
        return DataFairPortal(connection)
    return OpenMeteoPortal(connection) if info.api == "open-meteo" else FilePortal(connection)
