"""A run that fails is told in the log, to a webhook and by e-mail, as far as the settings name them."""

from __future__ import annotations

import html
import json
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, Self

import dagster as dg
import httpx
import pytest

from dataelec_assets.defs.alerts import alerts
from dataelec_assets.settings import Secret, Settings

WORDS = "1 source(s) failed: eco2mix-national-tr: 'Réseau' <gone>. Run `dataelec refresh` again later."
PASSWORD = "correct horse battery staple"  # noqa: S105 - nobody's

EMAIL: dict[str, Any] = {
    "alert_email_from": "dataelec@example.org",
    "alert_email_to": "one@example.org, two@example.org",
    "alert_email_password": Secret(PASSWORD),
    "alert_smtp_host": "smtp.example.org",
}


@contextmanager
def receiver(status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Serve a webhook on loopback; yield its address and what it receives."""
    received: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name given by the base class
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook", received
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def tell(settings: Settings, error: Exception, *, by: int = 0) -> str:
    """Let a run fail, tell it to one of the sensors, and return the id of the run."""

    @dg.op
    def refresh_what_is_stale() -> None:
        raise error

    @dg.job
    def refresh() -> None:
        refresh_what_is_stale()

    with dg.DagsterInstance.ephemeral() as instance:
        result = refresh.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        (failure,) = (each for each in result.all_events if each.event_type == dg.DagsterEventType.RUN_FAILURE)
        sensor: Any = alerts(settings)[by]
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name, dagster_instance=instance, dagster_run=result.dagster_run, dagster_event=failure
        )
        sensor(context.for_run_failure())
        return result.run_id


def test_a_webhook_is_told_the_words_of_the_error() -> None:
    with receiver() as (url, received):
        run = tell(Settings(alert_webhook=Secret(url)), dg.Failure(description=WORDS, allow_retries=False))
    assert received == [{"text": f"DataElec: refresh failed. {WORDS}", "job": "refresh", "run": run}]


def test_a_fault_that_nobody_foresaw_is_told_too() -> None:
    with receiver() as (url, received):
        tell(Settings(alert_webhook=Secret(url)), ZeroDivisionError("division by zero"))
    (told,) = received
    assert "refresh_what_is_stale" in told["text"]


def test_a_webhook_that_refuses_makes_the_tick_fail_so_that_it_is_seen() -> None:
    with receiver(status=500) as (url, received), pytest.raises(httpx.HTTPStatusError) as raised:
        tell(Settings(alert_webhook=Secret(url)), dg.Failure(description=WORDS, allow_retries=False))
    assert len(received) == 1
    assert str(raised.value) == "The webhook answers 500."


def test_the_log_is_always_told(capsys: pytest.CaptureFixture[str]) -> None:
    run = tell(Settings(), dg.Failure(description=WORDS, allow_retries=False))
    assert f"refresh (run {run}) failed: {WORDS}" in capsys.readouterr().err


def test_mail_is_sent_only_when_nothing_of_the_account_is_missing() -> None:
    assert [each.name for each in alerts(Settings(**EMAIL))] == ["failed_runs", "failed_runs_by_email"]
    for missing in EMAIL:
        assert [each.name for each in alerts(Settings(**{**EMAIL, missing: None}))] == ["failed_runs"], missing


def test_whoever_set_an_address_is_told_without_switching_anything_on() -> None:
    assert {each.default_status for each in alerts(Settings(**EMAIL))} == {dg.DefaultSensorStatus.RUNNING}


def test_the_mail_has_the_words_of_the_error_and_goes_to_every_address(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, ...]] = []

    class Server:
        """Stands for the connection to the mail server."""

        def __init__(self, host: str, *_: object, **__: object) -> None:
            sent.append((host,))

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            """Close nothing."""

        def login(self, user: str, password: str) -> None:
            sent.append((user, password))

        def sendmail(self, sender: str, receivers: list[str], message: str) -> None:
            message.encode("ascii")  # as the genuine one does
            sent.append((sender, receivers, html.unescape(message)))

    monkeypatch.setattr(smtplib, "SMTP_SSL", Server)
    run = tell(Settings(**EMAIL), dg.Failure(description=WORDS, allow_retries=False), by=1)
    assert sent[:2] == [("smtp.example.org",), ("dataelec@example.org", PASSWORD)]
    ((sender, receivers, message),) = sent[2:]
    assert (sender, receivers) == ("dataelec@example.org", ["one@example.org", "two@example.org"])
    assert f"DataElec: refresh failed. {WORDS} (run {run})" in message
    assert PASSWORD not in message


def test_the_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in EMAIL.items():
        text = value.get_secret_value() if isinstance(value, Secret) else value
        monkeypatch.setenv(f"DATAELEC_{name.upper()}", text)
    settings = Settings()
    assert settings.alert_email_password is not None
    assert settings.alert_email_password.get_secret_value() == PASSWORD
    shown = [repr(settings), str(settings), f"{asdict(settings)}", repr(alerts(settings)), f"{vars(settings)}"]
    assert [text for text in shown if PASSWORD in text] == []
