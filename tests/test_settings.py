"""A setting that is wrong is named at the start, whatever command reads it; a secret is never repeated."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app
from dataelec_assets.errors import SettingsError
from dataelec_assets.settings import Secret, Settings, load_settings
from tests.conftest import REPOSITORY

SECRET = "Zk3tHe5eCr3t"  # noqa: S105 - made up


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [each for each in os.environ if each.startswith("DATAELEC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))


def refused() -> str:
    with pytest.raises(SettingsError) as raised:
        load_settings()
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DATAELEC_LAK", "DATAELEC_LAKE"),
        ("DATAELEC_ODRE_APIKEY", "DATAELEC_ODRE_API_KEY"),
        ("DATAELEC_FOO", "DATAELEC_FROM"),
        ("DATAELEC_CONNECTION", "DATAELEC_CONNECTIONS"),
    ],
)
def test_a_name_that_is_no_setting_is_refused_with_the_nearest_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, SECRET)
    said = refused()
    assert f"{name} is not a setting (did you mean {meant}?)" in said
    assert SECRET not in said


def test_every_name_that_the_project_uses_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [REPOSITORY / "Makefile", REPOSITORY / ".ci" / "run"]
    for folder in ("dataelec_assets", "benchmarks", "dbt", "docs"):
        files += [each for each in (REPOSITORY / folder).rglob("*") if each.suffix in {".py", ".sql", ".yml", ".md"}]
    files += [each for each in (REPOSITORY / "tests").rglob("*.py") if each != Path(__file__)]
    read = re.compile(r"(?:environ\S*|env_var|setenv)\W{1,3}['\"](DATAELEC_[A-Z0-9_]+)|`(DATAELEC_[A-Z0-9_]+)`")
    names = {name for each in files for pair in read.findall(each.read_text("utf-8")) for name in pair if name}
    assert len(names) > 30
    for name in names:
        monkeypatch.setenv(name, "")
    with pytest.raises(SettingsError) as raised:  # an empty text is no address, nor a number
        load_settings()
    assert "is not a setting" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CONNECTIONS", "abc", "not a whole number from 1 to 16 (got 'abc')"),
        ("SOURCE_DEADLINE", "0", "not a whole number from 1 to 86,400 (got '0')"),
        ("COMMERCIAL", "maybe", "neither 1 nor 0 (got 'maybe')"),
        ("ODRE_URL", "odre.opendatasoft.com", "not an address that begins with http:// or https:// (got 'odre"),
        ("FROM", "/no/such/folder", "not a folder (got '/no/such/folder')"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"DATAELEC_{name}", value)
    assert f"DATAELEC_{name}: {words}" in refused()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ODRE_API_KEY", f"{SECRET} {SECRET}"),
        ("EDUCATION_API_KEY", f"{SECRET}é"),
        ("ODRE_API_KEY", f"{SECRET}\n{SECRET}"),
        ("OPENWEATHERMAP_KEY", f"{SECRET}\r\nHost: x"),
        ("INFOCLIMAT_KEY", f"{SECRET}\t_c=1"),
        ("OPEN_METEO_KEY", f"{SECRET}\x1b[0m"),
        ("ALERT_WEBHOOK", f"hooks.example.org/{SECRET}"),
        ("ALERT_WEBHOOK", f"https://hooks.example.org/{SECRET} x"),
        ("ALERT_WEBHOOK", f"https://hooks.example.org:{SECRET}/"),
        ("ODRE_URL", f"https://user:{SECRET}@odre.opendatasoft.com"),
        ("ODRE_URL", f"https://odre.opendatasoft.com/?apikey={SECRET}"),
        ("ORE_URL", f"https:/user:{SECRET}@odre"),
        ("INSEE_URL", f"https://u:{SECRET}/x@www.insee.fr"),
        ("IRVE_URL", f"https://u:p#{SECRET}@www.data.gouv.fr"),
        ("PARIS_URL", f"https://[{SECRET}@opendata.paris.fr"),
    ],
)
@pytest.mark.parametrize("command", [["status"], ["doctor"], ["refresh", "--dry-run"], ["report"], ["api"]])
def test_a_malformed_secret_is_named_by_its_variable_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, command: list[str]
) -> None:
    monkeypatch.setenv(f"DATAELEC_{name}", value)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert f"DATAELEC_{name}: " in " ".join(done.output.split())
    assert SECRET not in done.output
    assert SECRET.lower() not in done.output.lower()
    assert done.exception is None or SECRET not in repr(done.exception)


def test_a_secret_is_shown_by_no_text_of_the_settings(tmp_path: Path) -> None:
    every = ("odre_api_key", "openweathermap_key", "alert_email_password", "pseudonym_key", "open_meteo_key")
    keys: dict[str, Any] = dict.fromkeys(every, Secret(SECRET))
    settings = Settings(lake=tmp_path, **keys, alert_webhook=Secret(f"https://x/{SECRET}"))
    assert SECRET not in f"{settings!r} {settings}"
    assert settings.portal_key("odre") == SECRET


def test_blanks_around_a_key_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAELEC_ODRE_API_KEY", f" {SECRET}\n")
    assert load_settings().portal_key("odre") == SECRET


def test_a_lake_on_a_bucket_has_a_working_copy_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAELEC_SCRATCH", str(tmp_path))
    homes = set()
    for address in ("s3://seau/lac", "gs://seau/lac", "s3://seau/lac/deux/", "az://seau"):
        monkeypatch.setenv("DATAELEC_LAKE", address)
        settings = load_settings()
        assert settings.bucket == address.rstrip("/")
        assert settings.lake.parent == tmp_path
        assert replace(settings, folder=None).bucket == settings.bucket
        homes.add(settings.lake)
    assert len(homes) == 4


def test_a_folder_that_is_given_is_a_lake_by_itself_whatever_bucket_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", "s3://seau/lac")
    assert (Settings(lake=tmp_path).lake, Settings(lake=tmp_path).bucket) == (tmp_path, None)
    rebuilt = replace(load_settings(), lake=tmp_path)
    assert (rebuilt.lake, rebuilt.bucket) == (tmp_path, None)
    assert load_settings().bucket == "s3://seau/lac"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"s3://AKIA:{SECRET}@seau/lac", "no user name, key or parameter"),
        (f"s3://seau/lac?key={SECRET}", "no user name, key or parameter"),
        ("s3://", "not a folder, nor an address such as"),
        ("ftp://seau/lac", "not a folder, nor an address such as"),
        ("s3://seau//lac", "not a folder, nor an address such as"),
        ("s3://seau/../autre", "not a folder, nor an address such as"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_once_and_its_secret_not_shown(
    address: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", address)
    said = refused()
    assert said.count("DATAELEC_LAKE") == 1
    assert words in said
    assert SECRET not in said
