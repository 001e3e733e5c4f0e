"""Settings, from the environment only, validated once at start.

A plain dataclass: every command reads the settings, and a library for them costs more to import than `status` takes.
"""

# ruff: noqa: RUF009 - `_setting` gives a new field at each call, as `field` does

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dataelec_assets.catalog.portals import PORTALS
from dataelec_assets.errors import SettingsError
from dataelec_assets.nearest import nearest

_PREFIX = "DATAELEC_"

_MOST_CONNECTIONS, _LONGEST_DEADLINE = 16, 86_400

# What else is called so: the build tells dbt where its files are, and tests and benchmarks are told how much to do.
_OTHERS = frozenset(
    {"WAREHOUSE", "LAKE_PARQUET", "MOIS", "INTACTS", "TABLES_VIDES", "SPARK_TABLES"}
    | {"CENSUS", "COMMUNES", "FAULTS", "FUZZ", "KILLS", "METERING", "REPORT", "ROUNDS", "SIZES"}
)

# What an address may hold only beside a user name, a password or a key.
_SECRET_MARKS = frozenset("@?#=")


class Secret:
    """A text that no log and no message shows."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self) -> str:
        """Return the text itself."""
        return self._text

    def __eq__(self, other: object) -> bool:
        """Return whether the other is a secret with the same text."""
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        """Return the hash of the text."""
        return hash(self._text)

    def __repr__(self) -> str:
        """Return stars, whatever the text is."""
        return "**********"


def _path(value: Any) -> Path:
    return Path(value)


# What an address of a lake may be made of: no user name, no key, no parameter.
_BUCKET = re.compile(r"(s3|gs|az)://[a-z0-9][a-z0-9._-]*(/\w[\w.-]*)*/?")


def _lake(value: Any) -> Path:
    _bucket(value)
    return Path(value)


def _bucket(value: Any) -> str | None:
    text = str(value)
    if "://" not in text:
        return None
    if _SECRET_MARKS & set(text):
        raise ValueError("an address holds no user name, key or parameter: these come from the store's own environment")
    if not _BUCKET.fullmatch(text):
        raise ValueError("not a folder, nor an address such as s3://bucket/prefix, gs://… or az://…")
    return text.rstrip("/")


def _folder(value: Any) -> Path | None:
    if not value:  # an empty variable is one that is not set
        return None
    path = Path(value).expanduser()
    if not path.is_dir():
        raise ValueError("not a folder")
    return path.resolve()


def _address(value: Any) -> str:
    try:
        parts = urlsplit(str(value))
        _ = parts.port
    except ValueError:  # its words repeat a part of the address
        raise ValueError("not an address: its host or its port cannot be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(each.isspace() for each in str(value)):
        raise ValueError("not an address that begins with http:// or https://")
    return str(value)


def _root(value: Any) -> str:
    if _SECRET_MARKS & set(str(value)):
        raise ValueError("the root of a portal holds neither a user name nor parameters; a key has its own setting")
    return _address(value)


def _secret_address(value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(_address(value))


def _server(schemes: tuple[str, ...], example: str) -> Callable[[Any], Secret]:
    """Return what reads the address of a server, which may hold a password."""

    def parsed(value: Any) -> Secret:
        secret = _secret(value)
        try:
            parts = urlsplit(secret.get_secret_value())
            is_one = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:  # its words repeat a part of the address
            is_one = False
        if not is_one:
            raise ValueError(f"not the address of {example}")
        return secret

    return parsed


_redis = _server(("redis", "rediss"), "a Redis server, such as redis://:PASSWORD@HOST:6379/0")
_postgres = _server(("postgresql", "postgres"), "a PostgreSQL database, such as postgresql://user@host:5432/base")


def _cluster(value: Any) -> str | None:
    if not re.fullmatch(r"local(\[[0-9*]+\])?|(spark|sc)://[^@?#\s]+:[0-9]+", str(value)):
        raise ValueError("neither local[2] nor an address such as spark://host:7077 or sc://host:15002")
    return str(value)


def _text(value: Any) -> str:
    return str(value)


def _secret(value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(str(value))


def _parameter_key(value: Any) -> Secret:
    key = _secret(value)
    if not key.get_secret_value().strip().isprintable():
        raise ValueError("holds a line break or another character that is not printed: copy it again")
    return key


def _header_key(value: Any) -> Secret:
    key = _parameter_key(value)
    text = key.get_secret_value().strip()
    if not text.isascii() or " " in text:
        raise ValueError("holds a space or a character that no header can carry: copy it again")
    return key


def _yes(value: Any) -> bool:
    found = {"1": True, "true": True, "yes": True, "": False, "0": False, "false": False, "no": False}
    try:
        return found[str(value).strip().lower()]
    except KeyError:
        raise ValueError("neither 1 nor 0") from None


def _up_to(most: int) -> Callable[[Any], int]:
    def parsed(value: Any) -> int:
        try:
            number = int(value)
        except ValueError:
            number = 0
        if not 1 <= number <= most:
            raise ValueError(f"not a whole number from 1 to {most:,}")
        return number

    return parsed


def _setting(parse: Callable[[Any], Any], default: Any = None, *, variable: str | None = None) -> Any:
    is_secret = parse in (_secret, _parameter_key, _header_key, _secret_address, _redis, _postgres)
    metadata = {"parse": parse, "default": default, "variable": variable, "is_secret": is_secret}
    return field(default=_UNSET, metadata=metadata)


class _Unset:
    """Stands for a setting that was not given to :class:`Settings`, so that the environment decides."""


_UNSET = _Unset()


def _portal(name: str) -> Any:
    return _setting(_root, PORTALS[name].url)


@dataclass(frozen=True)
class Settings:
    """The settings of the environment; every name starts with ``DATAELEC_``. What is given here wins.

    A name that is no setting is refused: misspelt, it would change nothing, and nobody would know.

    Attributes:
        lake: folder of the lake; of one on a bucket, its working copy on this machine.
        bucket: address of a lake on an object store, such as ``s3://bucket/prefix``, from the same variable; None: it
            is in a folder.
        scratch: folder of the working copies of buckets, one each; None: in the user's cache folder.
        folder: folder of published files that is read instead of the portals (``DATAELEC_FROM``); None: they are asked.
        odre_url: root of the ODRÉ portal, or of a stand-in such as ``http://127.0.0.1:8085/odre``.
        rte_url, ore_url, education_url, insee_url, dido_url, paris_url, irve_url, transport_url: the same for RTE's own
            files, Agence ORE, Éducation nationale, INSEE, the ministry's DiDo, Ville de Paris, data.gouv.fr and
            transport.data.gouv.fr (charging points).
        open_meteo_url, open_meteo_archive_url, open_meteo_previous_runs_url, meteo_france_url, openweathermap_url,
            infoclimat_url: the same for the weather.
        odre_api_key, education_api_key: key sent to the portal, if any.
        open_meteo_key: key of a paid plan, for all of its portals: other hosts are asked then.
        commercial: whether the data are used commercially: sources whose terms exclude that are left out.
        meteo_france: whether Météo-France's stations are asked where Open-Meteo is not left out either.
        openweathermap_key, infoclimat_key: key without which the portal is never asked; Infoclimat's is
            ``_auth=…&_c=…``, as its site gives it.
        alert_webhook: address that receives failed runs, as JSON; a secret, since whoever knows it can post there.
        alert_email_from, alert_email_to, alert_email_password, alert_smtp_host: account that sends the same text by
            e-mail, to one address or several separated by commas.
        pseudonym_key, pseudonym_old_keys: secrets of pseudonyms, the active one and those before it; used by
            ``dataelec pseudonymise`` only.
        broker: address of the Redis server through which Dagster gives steps to workers on several machines; a secret,
            since whoever can write there can run code on them. None: a run does all in its own process.
        iceberg: database of PostgreSQL that is the catalogue of ``dataelec iceberg``; None: a file beside its tables.
        connections: downloads side by side per portal. Four stays far below what the portals throttle, and its parsing
            already fills two cores.
        spark: where ``--engine spark`` computes: ``local[2]``, ``spark://host:7077`` (a standalone cluster),
            ``sc://host:15002`` (Spark Connect); None: on two cores of this machine.
        source_deadline: seconds that a source has in a refresh, from the first request to the last byte. In half an
            hour the largest file of the catalogue (525 MB, census of dwellings) arrives over a line of 2.4 Mbit/s, and
            each of 200 months, four side by side, has 36 s. At most one day.

    Raises:
        SettingsError: a setting cannot be used, or there is none of that name; the message names every one, and repeats
            no secret.
    """

    lake: Path = _setting(_lake, Path("lake"))
    bucket: str | None = _setting(_bucket, variable="LAKE")
    scratch: Path | None = _setting(_path)
    folder: Path | None = _setting(_folder, variable="FROM")
    odre_url: str = _portal("odre")
    rte_url: str = _portal("rte")
    ore_url: str = _portal("ore")
    education_url: str = _portal("education")
    insee_url: str = _portal("insee")
    dido_url: str = _portal("dido")
    paris_url: str = _portal("paris")
    irve_url: str = _portal("irve")
    transport_url: str = _portal("transport")
    open_meteo_url: str = _portal("open_meteo")
    open_meteo_archive_url: str = _portal("open_meteo_archive")
    open_meteo_previous_runs_url: str = _portal("open_meteo_previous_runs")
    meteo_france_url: str = _portal("meteo_france")
    openweathermap_url: str = _portal("openweathermap")
    infoclimat_url: str = _portal("infoclimat")
    odre_api_key: Secret | None = _setting(_header_key)
    education_api_key: Secret | None = _setting(_header_key)
    open_meteo_key: Secret | None = _setting(_parameter_key)
    commercial: bool = _setting(_yes, "0")
    meteo_france: bool = _setting(_yes, "0")
    openweathermap_key: Secret | None = _setting(_parameter_key)
    infoclimat_key: Secret | None = _setting(_parameter_key)
    alert_webhook: Secret | None = _setting(_secret_address)
    alert_email_from: str | None = _setting(_text)
    alert_email_to: str | None = _setting(_text)
    alert_email_password: Secret | None = _setting(_secret)
    alert_smtp_host: str | None = _setting(_text)
    pseudonym_key: Secret | None = _setting(_secret)
    pseudonym_old_keys: Secret | None = _setting(_secret)
    broker: Secret | None = _setting(_redis)
    iceberg: Secret | None = _setting(_postgres)
    connections: int = _setting(_up_to(_MOST_CONNECTIONS), 4)
    spark: str | None = _setting(_cluster)
    source_deadline: int = _setting(_up_to(_LONGEST_DEADLINE), 1800)

    def __post_init__(self) -> None:
        """Take what was not given from the environment, and check everything."""
        if isinstance(self.lake, str) and self.bucket is _UNSET:
            object.__setattr__(self, "bucket", self.lake)
        faults = _unknown_names()
        for each in fields(self):
            variable = _variable(each)
            value = getattr(self, each.name)
            if value is _UNSET:
                value = os.environ.get(variable, each.metadata["default"])
            try:
                parsed = None if value is None else each.metadata["parse"](value)
            except ValueError as error:
                shown = (
                    "" if each.metadata["is_secret"] or _SECRET_MARKS & set(str(value)) else f" (got {str(value)!r})"
                )
                faults.append(f"{variable}: {error}{shown}")
            else:
                object.__setattr__(self, each.name, parsed)
        self._place_working_copy()
        if faults:
            raise SettingsError(
                f"{'; '.join(dict.fromkeys(faults))}.",
                advice="Correct the environment variable and run the command again.",
            )

    def _place_working_copy(self) -> None:
        """Let ``lake`` be the working copy of a bucket; a folder that was given in its place is a lake by itself."""
        if not isinstance(self.bucket, str):
            return
        cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "dataelec"
        name = f"{self.bucket.rsplit('/', 1)[-1]}-{hashlib.sha256(self.bucket.encode()).hexdigest()[:12]}"
        home = (self.scratch or cache).expanduser() / name
        if self.lake in (home, Path(self.bucket)):
            object.__setattr__(self, "lake", home)
        else:
            object.__setattr__(self, "bucket", None)

    def portal_url(self, portal: str) -> str:
        """Return the root URL of ``portal``, without a trailing slash; with a key of a paid plan, that of the plan."""
        info = PORTALS[portal]
        if info.is_local:
            return info.url
        url = str(getattr(self, f"{portal}_url"))
        is_paid = info.paid is not None and url == info.url and self.portal_key(portal) is not None
        return (info.paid.url if info.paid and is_paid else url).rstrip("/")

    def wants(self, portal: str) -> bool:
        """Return whether a portal is asked for that is left out by default; its setting has its name."""
        return bool(getattr(self, portal, False))

    def portal_key(self, portal: str) -> str | None:
        """Return the API key for ``portal``, or None."""
        paid = PORTALS[portal].paid
        names = (f"{portal}_api_key", f"{portal}_key", *([paid.setting] if paid else []))
        key: Secret | None = next((found for name in names if (found := getattr(self, name, None))), None)
        return (key.get_secret_value().strip() or None) if key else None


def _variable(setting: Field[Any]) -> str:
    return f"{_PREFIX}{setting.metadata['variable'] or setting.name.upper()}"


def _unknown_names() -> list[str]:
    """Return what to say of each variable that is no setting; its value may be a secret under a misspelt name."""
    known = {_variable(each) for each in fields(Settings)}
    there = {each for each in os.environ if each.startswith(_PREFIX)}
    unknown = there - known - {f"{_PREFIX}{each}" for each in _OTHERS}
    return [f"{name} is not a setting (did you mean {nearest(name, sorted(known))[0]}?)" for name in sorted(unknown)]


def load_settings(*, folder: Path | None = None) -> Settings:
    """Read the environment.

    Args:
        folder: read in the place of the portals, whatever the environment says; None: as it says.

    Raises:
        SettingsError: a variable cannot be used; the message names it.
    """
    return Settings() if folder is None else Settings(folder=folder)
