"""The portals: the protocol of each, its address, and the address of its pages for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Api = Literal["opendatasoft", "data-fair", "files", "open-meteo", "open-meteo-archive", "openweathermap", "infoclimat"]


@dataclass(frozen=True, slots=True)
class PortalInfo:
    """A portal.

    Attributes:
        api: its protocol; ``files`` are files over plain HTTP.
        url: its public root; a setting replaces it.
        page: address of a data set's page for people, with ``{url}`` and ``{id}``.
        name: as people call it.
        key_parameters: parameters of a request that hold its key; empty where no key is needed. A portal that has some
            is not asked while the setting ``<portal>_key`` is empty: its data sets are optional.
    """

    api: Api
    url: str
    page: str
    name: str
    key_parameters: tuple[str, ...] = ()

    @property
    def needs_key(self) -> bool:
        """Whether it answers only to a key."""
        return bool(self.key_parameters)


PORTALS = {
    "odre": PortalInfo(
        "opendatasoft",
        "https://odre.opendatasoft.com",
        "{url}/explore/dataset/{id}/information/",
        "ODRÉ",
    ),
    "education": PortalInfo(
        "opendatasoft",
        "https://data.education.gouv.fr",
        "{url}/explore/dataset/{id}/information/",
        "Éducation nationale",
    ),
    "ore": PortalInfo(
        "data-fair",
        "https://opendata.agenceore.fr",
        "{url}/datasets/{id}",
        "Agence ORE",
    ),
    "insee": PortalInfo("files", "https://www.insee.fr", "{url}/fr/statistiques", "INSEE"),
    "paris": PortalInfo(
        "opendatasoft",
        "https://opendata.paris.fr",
        "{url}/explore/dataset/{id}/information/",
        "Ville de Paris",
    ),
    "irve": PortalInfo("files", "https://www.data.gouv.fr", "{url}/fr/datasets/", "data.gouv.fr"),
    "open_meteo": PortalInfo(
        "open-meteo",
        "https://api.open-meteo.com",
        "https://open-meteo.com/en/docs",
        "Open-Meteo",
    ),
    "open_meteo_archive": PortalInfo(
        "open-meteo-archive",
        "https://archive-api.open-meteo.com",
        "https://open-meteo.com/en/docs/historical-weather-api",
        "Open-Meteo (archives)",
    ),
    "openweathermap": PortalInfo(
        "openweathermap",
        "https://api.openweathermap.org",
        "https://openweathermap.org/current",
        "OpenWeatherMap",
        key_parameters=("appid",),
    ),
    "infoclimat": PortalInfo(
        "infoclimat",
        "https://www.infoclimat.fr",
        "https://www.infoclimat.fr/api-previsions-meteo.html",
        "Infoclimat",
        key_parameters=("_auth", "_c"),
    ),
}
