"""The portals: the protocol of each, its address, the calls that it grants, its conditions, its pages for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dataelec_assets.catalog.evidence import Claim, Proof, of_code, of_page

Api = Literal[
    "opendatasoft",
    "data-fair",
    "dido",
    "files",
    "rte",
    "open-meteo",
    "open-meteo-archive",
    "open-meteo-previous-runs",
    "meteo-france",
    "openweathermap",
    "infoclimat",
    "local",
]


Span = Literal["minute", "hour", "day", "month"]

_SPANS = {"minute": "minute", "hour": "heure", "day": "jour", "month": "mois"}


@dataclass(frozen=True, slots=True)
class Limit:
    """Calls that a portal grants to one address.

    Attributes:
        calls: how many; of a weighted limit, how much they may weigh together.
        span: within which unit of the clock or the calendar (UTC).
        of_dataset: whether each data set has as many of its own.
        is_weighted: whether a call counts by what it asks for.
    """

    calls: int
    span: Span
    of_dataset: bool = False
    is_weighted: bool = False

    @property
    def in_french(self) -> str:
        """Return it as the warehouse and the UI show it."""
        unit = "appels pondérés" if self.is_weighted else "appels"
        calls = f"{self.calls:,}".replace(",", " ")
        return f"{calls} {unit} par {_SPANS[self.span]}{' et par jeu de données' if self.of_dataset else ''}"


@dataclass(frozen=True, slots=True)
class Paid:
    """The paid plan of a portal that is free for others.

    Attributes:
        url: its public root.
        parameter: of a request that holds the key.
        setting: that holds the key, without the prefix of the environment; several portals may share one.
    """

    url: str
    parameter: str
    setting: str


@dataclass(frozen=True, slots=True)
class PortalInfo:
    """A portal.

    Attributes:
        api: its protocol; ``files`` are files over plain HTTP, ``rte`` the archives of éCO2mix; ``local``: nobody is
            asked, users bring files.
        url: its public root; a setting replaces it.
        page: address of a data set's page for people, with ``{url}`` and ``{id}``.
        name: as people call it.
        key_parameters: parameters of a request that hold its key; empty where no key is needed. A portal that has some
            is not asked while the setting ``<portal>_key`` is empty: its data sets are optional.
        limits: the calls that it grants, as far as they are known.
        most_connections: calls that it bears at once, whatever the setting; None: as the setting says.
        conditions: what binds whoever uses its data, beyond the licence, in French; None when there is nothing.
        is_non_commercial: whether they exclude commercial use without a paid plan.
        paid: its paid plan, if it has one.
        is_extra: whether a folder of files may do without it: what is not there was not asked for.
        in_place_of: portal whose place it takes where commercial use leaves that out; it is not asked otherwise,
            unless the setting of its own name wants it.
        known: how the claims are known that hold for all its data sets.
        unverified: those of them that nothing proves.
    """

    api: Api
    url: str
    page: str
    name: str
    key_parameters: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    most_connections: int | None = None
    conditions: str | None = None
    is_non_commercial: bool = False
    paid: Paid | None = None
    is_extra: bool = False
    in_place_of: str | None = None
    known: tuple[Proof, ...] = ()
    unverified: tuple[Claim, ...] = ()

    @property
    def quota(self) -> str | None:
        """The calls that it grants, in French; None when they are not known."""
        return ", ".join(limit.in_french for limit in self.limits) or None

    @property
    def is_local(self) -> bool:
        """Whether there is no portal: its data sets hold what users bring in, and are never asked for."""
        return self.api == "local"

    @property
    def needs_key(self) -> bool:
        """Whether it answers only to a key."""
        return bool(self.key_parameters)


# Of the free service; a call weighs what portals.open_meteo.weight says.
_OPEN_METEO_LIMITS = (
    Limit(600, "minute", is_weighted=True),
    Limit(5_000, "hour", is_weighted=True),
    Limit(10_000, "day", is_weighted=True),
)
# One address is refused from about the sixth call at once on.
_OPEN_METEO_CONNECTIONS = 4
_OPEN_METEO_CONDITIONS = (
    "Usage non commercial seulement, sauf avec une clé payante ; le lien « Weather data by Open-Meteo.com » "
    "(https://open-meteo.com/) à côté des données"
)
_OPEN_METEO_KNOWN = (of_page("2026-11", "conditions d'Open-Meteo", "licence", "quota"),)

PORTALS = {
    "odre": PortalInfo(
        "opendatasoft",
        "https://odre.opendatasoft.com",
        "{url}/explore/dataset/{id}/information/",
        "ODRÉ",
        limits=(Limit(50_000, "month", of_dataset=True), Limit(10_000_000, "day")),
        known=(
            of_code("2026-09", "en-têtes x-ratelimit-dataset-limit, -remaining et -reset", "quota"),
            of_page("2026-09", "fiches des jeux au portail", "licence"),
        ),
    ),
    "rte": PortalInfo(
        "rte",
        "https://eco2mix.rte-france.com",
        "https://www.rte-france.com/eco2mix/telecharger-les-indicateurs",
        "RTE (éCO2mix)",
        unverified=("licence", "quota"),
    ),
    "education": PortalInfo(
        "opendatasoft",
        "https://data.education.gouv.fr",
        "{url}/explore/dataset/{id}/information/",
        "Éducation nationale",
        unverified=("licence", "quota"),
    ),
    "ore": PortalInfo(
        "data-fair",
        "https://opendata.agenceore.fr",
        "{url}/datasets/{id}",
        "Agence ORE",
        known=(of_code("2026-08", "fiche du jeu lue au portail", "licence"),),
        unverified=("quota",),
    ),
    "insee": PortalInfo(
        "files",
        "https://www.insee.fr",
        "{url}/fr/statistiques",
        "INSEE",
        known=(of_code("2026", "registre de sources d'un programme public", "licence"),),
        unverified=("quota",),
    ),
    # Asked in the place of INSEE for data sets that it has too.
    "dido": PortalInfo(
        "dido",
        "https://data.statistiques.developpement-durable.gouv.fr",
        "https://www.statistiques.developpement-durable.gouv.fr/catalogue?page=dataset&datasetId={id}",
        "DiDo (SDES)",
        known=(of_code("2026-09-26", "programme public qui a interrogé l'API", "licence"),),
        unverified=("quota",),
    ),
    "paris": PortalInfo(
        "opendatasoft",
        "https://opendata.paris.fr",
        "{url}/explore/dataset/{id}/information/",
        "Ville de Paris",
        unverified=("licence", "quota"),
    ),
    "irve": PortalInfo(
        "files",
        "https://www.data.gouv.fr",
        "{url}/fr/datasets/",
        "data.gouv.fr",
        unverified=("licence", "quota"),
    ),
    # Takes the consolidation of charging points over from data.gouv.fr: asked where that has it no longer.
    "transport": PortalInfo(
        "files",
        "https://proxy.transport.data.gouv.fr",
        "https://transport.data.gouv.fr/datasets?type=charging-stations",
        "transport.data.gouv.fr",
        unverified=("licence", "quota"),
    ),
    "open_meteo": PortalInfo(
        "open-meteo",
        "https://api.open-meteo.com",
        "https://open-meteo.com/en/docs",
        "Open-Meteo",
        limits=_OPEN_METEO_LIMITS,
        most_connections=_OPEN_METEO_CONNECTIONS,
        conditions=_OPEN_METEO_CONDITIONS,
        is_non_commercial=True,
        paid=Paid("https://customer-api.open-meteo.com", "apikey", "open_meteo_key"),
        known=_OPEN_METEO_KNOWN,
    ),
    "open_meteo_archive": PortalInfo(
        "open-meteo-archive",
        "https://archive-api.open-meteo.com",
        "https://open-meteo.com/en/docs/historical-weather-api",
        "Open-Meteo (archives)",
        limits=_OPEN_METEO_LIMITS,
        most_connections=_OPEN_METEO_CONNECTIONS,
        conditions=_OPEN_METEO_CONDITIONS,
        is_non_commercial=True,
        paid=Paid("https://customer-archive-api.open-meteo.com", "apikey", "open_meteo_key"),
        known=_OPEN_METEO_KNOWN,
    ),
    "open_meteo_previous_runs": PortalInfo(
        "open-meteo-previous-runs",
        "https://previous-runs-api.open-meteo.com",
        "https://open-meteo.com/en/docs/previous-runs-api",
        "Open-Meteo (prévisions passées)",
        limits=_OPEN_METEO_LIMITS,
        most_connections=_OPEN_METEO_CONNECTIONS,
        conditions=_OPEN_METEO_CONDITIONS,
        is_non_commercial=True,
        paid=Paid("https://customer-previous-runs-api.open-meteo.com", "apikey", "open_meteo_key"),
        is_extra=True,
        known=_OPEN_METEO_KNOWN,
    ),
    "meteo_france": PortalInfo(
        "meteo-france",
        # Where data.gouv.fr's list leads to. A public program of August 2026 found the copies below
        # object.files.data.gouv.fr/meteofrance, with the same paths, at a standstill since June.
        "https://meteofrance.s3.sbg.io.cloud.ovh.net",
        "https://www.data.gouv.fr/datasets/donnees-climatologiques-de-base-horaires",
        "Météo-France",
        is_extra=True,
        in_place_of="open_meteo_archive",
        known=(of_code("2026-08", "licence lue à l'API de data.gouv.fr par un programme public", "licence"),),
        unverified=("quota",),
    ),
    "openweathermap": PortalInfo(
        "openweathermap",
        "https://api.openweathermap.org",
        "https://openweathermap.org/current",
        "OpenWeatherMap",
        key_parameters=("appid",),
        unverified=("licence", "quota"),
    ),
    "infoclimat": PortalInfo(
        "infoclimat",
        "https://www.infoclimat.fr",
        "https://www.infoclimat.fr/api-previsions-meteo.html",
        "Infoclimat",
        key_parameters=("_auth", "_c"),
        unverified=("licence", "quota"),
    ),
    "local": PortalInfo(
        "local",
        "",
        "docs/howto/importer-des-indicateurs.md",
        "Imports",
        known=(of_code("2026-11", "dataelec import-indicators", "address", "licence", "cadence", "quota"),),
    ),
}
