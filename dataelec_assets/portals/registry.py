"""Opens the client that a portal's API needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dataelec_assets.catalog import PortalInfo
from dataelec_assets.catalog.portals import Api
from dataelec_assets.portals.client import LivePortal
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.datafair import DataFairPortal
from dataelec_assets.portals.dido import DidoPortal
from dataelec_assets.portals.files import FilePortal
from dataelec_assets.portals.infoclimat import InfoclimatPortal
from dataelec_assets.portals.meteo_france import MeteoFrancePortal
from dataelec_assets.portals.open_meteo import OpenMeteoPortal
from dataelec_assets.portals.open_meteo_archive import OpenMeteoArchivePortal
from dataelec_assets.portals.open_meteo_previous_runs import OpenMeteoPreviousRunsPortal
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.openweathermap import OpenWeatherMapPortal
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.portals.signing import secrets_of

CLIENTS: dict[Api, Callable[[Connection], LivePortal]] = {
    "opendatasoft": OpendatasoftPortal,
    "data-fair": DataFairPortal,
    "dido": DidoPortal,
    "open-meteo": OpenMeteoPortal,
    "open-meteo-archive": OpenMeteoArchivePortal,
    "open-meteo-previous-runs": OpenMeteoPreviousRunsPortal,
    "meteo-france": MeteoFrancePortal,
    "openweathermap": OpenWeatherMapPortal,
    "infoclimat": InfoclimatPortal,
}


def open_portal(info: PortalInfo, url: str, options: ConnectionOptions) -> LivePortal:
    """Return a new client of a portal; the caller closes it.

    Args:
        info: which API it has.
        url: its root.
        options: how it is asked; its ``api_key`` is sent in a header to Opendatasoft, as parameters to a portal that
            wants it there, and to no other.

    Raises:
        SettingsError: the address or the key cannot be used.
    """
    if info.api != "opendatasoft":
        options = replace(options, api_key=None, secrets=secrets_of(info, options.api_key))
    connection = Connection(url, options)
    if info.api == "rte":
        # It reads what it fetches, which costs imports that no other client needs.
        from dataelec_assets.portals.rte import RtePortal

        return RtePortal(connection, options.folder)
    if info.api == "files":
        return FilePortal(connection, options.root_of_portal)
    return CLIENTS[info.api](connection)
