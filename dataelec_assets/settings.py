"""Settings, from the environment only, validated once at start."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, HttpUrl, PositiveInt, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dataelec_assets.catalog.portals import PORTALS
from dataelec_assets.errors import SettingsError


class Settings(BaseSettings):
    """The settings of the environment; every name starts with ``DATAELEC_``.

    Attributes:
        lake: folder of the lake.
        folder: folder of published files that is read instead of the portals (``DATAELEC_FROM``); None: they are asked.
        odre_url: root of the ODRÉ portal, or of a stand-in such as ``http://127.0.0.1:8085/odre``.
        ore_url, education_url, insee_url, paris_url, irve_url: the same for Agence ORE, Éducation nationale, INSEE,
            Ville de Paris, data.gouv.fr (charging points).
        open_meteo_url, open_meteo_archive_url, openweathermap_url, infoclimat_url: the same for the weather.
        odre_api_key, education_api_key: key sent to the portal, if any.
        openweathermap_key, infoclimat_key: key without which the portal is never asked; Infoclimat's is
            ``_auth=…&_c=…``, as its site gives it.
        alert_webhook: address that receives failed runs, as JSON.
        alert_email_from, alert_email_to, alert_email_password, alert_smtp_host: account that sends the same text by
            e-mail, to one address or several separated by commas.
        pseudonym_key, pseudonym_old_keys: secrets of pseudonyms, the active one and those before it; used by
            ``dataelec pseudonymise`` only.
        connections: downloads side by side per portal. Four stays far below what the portals throttle, and its parsing
            already fills two cores.
        source_deadline: seconds that a source has in a refresh, from the first request to the last byte. In half an
            hour the largest file of the catalogue (525 MB, census of dwellings) arrives over a line of 2.4 Mbit/s, and
            each of 200 months, four side by side, has 36 s. At most one day.
    """

    model_config = SettingsConfigDict(env_prefix="DATAELEC_", frozen=True, extra="ignore")

    lake: Path = Path("lake")
    folder: Path | None = Field(default=None, validation_alias=AliasChoices("DATAELEC_FROM", "folder"))
    odre_url: HttpUrl = HttpUrl(PORTALS["odre"].url)
    ore_url: HttpUrl = HttpUrl(PORTALS["ore"].url)
    education_url: HttpUrl = HttpUrl(PORTALS["education"].url)
    insee_url: HttpUrl = HttpUrl(PORTALS["insee"].url)
    paris_url: HttpUrl = HttpUrl(PORTALS["paris"].url)
    irve_url: HttpUrl = HttpUrl(PORTALS["irve"].url)
    open_meteo_url: HttpUrl = HttpUrl(PORTALS["open_meteo"].url)
    open_meteo_archive_url: HttpUrl = HttpUrl(PORTALS["open_meteo_archive"].url)
    openweathermap_url: HttpUrl = HttpUrl(PORTALS["openweathermap"].url)
    infoclimat_url: HttpUrl = HttpUrl(PORTALS["infoclimat"].url)
    odre_api_key: SecretStr | None = None
    education_api_key: SecretStr | None = None
    openweathermap_key: SecretStr | None = None
    infoclimat_key: SecretStr | None = None
    alert_webhook: HttpUrl | None = None
    alert_email_from: str | None = None
    alert_email_to: str | None = None
    alert_email_password: SecretStr | None = None
    alert_smtp_host: str | None = None
    pseudonym_key: SecretStr | None = None
    pseudonym_old_keys: SecretStr | None = None
    connections: PositiveInt = Field(default=4, le=16)
    source_deadline: PositiveInt = Field(default=1800, le=86_400)

    @field_validator("folder", mode="before")
    @classmethod
    def _folder_or_none(cls, value: object) -> object:
        return value or None  # an empty variable is one that is not set

    @field_validator("folder")
    @classmethod
    def _is_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.expanduser().is_dir():
            raise ValueError("not a folder")
        return None if value is None else value.expanduser().resolve()

    def portal_url(self, portal: str) -> str:
        """Return the root URL of ``portal``, without a trailing slash."""
        return str(getattr(self, f"{portal}_url")).rstrip("/")

    def portal_key(self, portal: str) -> str | None:
        """Return the API key for ``portal``, or None."""
        key: SecretStr | None = getattr(self, f"{portal}_api_key", None) or getattr(self, f"{portal}_key", None)
        return (key.get_secret_value().strip() or None) if key else None


def load_settings(*, folder: Path | None = None) -> Settings:
    """Read the environment.

    Args:
        folder: read in the place of the portals, whatever the environment says; None: as it says.

    Raises:
        SettingsError: a variable cannot be used; the message names it.
    """
    try:
        return Settings() if folder is None else Settings(folder=folder)
    except ValidationError as error:
        faults = "; ".join(
            f"{_variable(fault['loc'])}: {fault['msg']} (got {str(fault['input'])!r})" for fault in error.errors()
        )
        raise SettingsError(
            f"{faults}.", advice="Correct the environment variable and run the command again."
        ) from error


def _variable(location: tuple[int | str, ...]) -> str:
    name = "_".join(str(part) for part in location).upper()
    return name if name.startswith("DATAELEC_") else f"DATAELEC_{'FROM' if name == 'FOLDER' else name}"
