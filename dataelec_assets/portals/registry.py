"""Opens the client that a portal's API needs."""

from __future__ import annotations

from collections.abc import Callable

from dataelec_assets.catalog import PortalInfo
from dataelec_assets.catalog.portals import Api
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.connection import Connection, Timeouts
from dataelec_assets.portals.datafair import DataFairPortal
from dataelec_assets.portals.explore import ExplorePortal
from dataelec_assets.portals.files import FilePortal
from dataelec_assets.portals.infoclimat import InfoclimatPortal
from dataelec_assets.portals.open_meteo import OpenMeteoPortal
from dataelec_assets.portals.open_meteo_archive import OpenMeteoArchivePortal
from dataelec_assets.portals.opendatasoft import OpendatasoftClient
from dataelec_assets.portals.openweathermap import OpenWeatherMapPortal
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.portals.signing import secrets_of


def open_portal(
    info: PortalInfo,
    url: str,
    *,
    api_key: str | None,
    max_connections: int,
    retries: RetryPolicy,
    deadline: float | None = None,
) -> PortalClient:
    """Return a new client of a portal; the caller closes it.

    Args:
        info: which API it has.
        url: its root.
        api_key: never shown; sent in a header to Opendatasoft, as a parameter to a portal that wants it there.
        max_connections: polite limit; further threads wait for a connection.
        retries: how often and how patiently to ask again.
        deadline: seconds from now that the work with the portal may take in all; None: no limit.

    Raises:
        SettingsError: the address or the key cannot be used.
    """
    if info.api == "opendatasoft":
        return ExplorePortal(
            OpendatasoftClient(
                url, api_key=api_key, max_connections=max_connections, retries=retries, deadline=deadline
            )
        )
    connection = Connection(
        url,
        api_key=None,
        max_connections=max_connections,
        policy=retries,
        timeouts=Timeouts(),
        transport=None,
        sleep=None,
        secrets=secrets_of(info, api_key),
        deadline=deadline,
    )
    clients: dict[Api, Callable[[Connection], PortalClient]] = {
        "data-fair": DataFairPortal,
        "files": FilePortal,
        "open-meteo": OpenMeteoPortal,
        "open-meteo-archive": OpenMeteoArchivePortal,
        "openweathermap": OpenWeatherMapPortal,
        "infoclimat": InfoclimatPortal,
    }
    return clients[info.api](connection)
