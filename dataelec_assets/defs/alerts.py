"""Alerts of failed runs: always the log, and a webhook or an e-mail address when the settings name one."""

import html

import dagster as dg
import httpx

from dataelec_assets.settings import Settings

# Slow receivers must not hold up the daemon, which runs every other sensor too.
_TIMEOUT_SECONDS = 10.0


def alerts(settings: Settings) -> list[dg.SensorDefinition]:
    """Return the sensors on failed runs. They are on from the start: whoever sets an address wants alerts."""
    found = [_failed_runs(settings.alert_webhook.get_secret_value() if settings.alert_webhook else None)]
    sender, receivers, password = settings.alert_email_from, settings.alert_email_to, settings.alert_email_password
    if sender and receivers and password and settings.alert_smtp_host:
        found.append(
            dg.make_email_on_run_failure_sensor(
                email_from=sender,
                email_password=password.get_secret_value(),
                email_to=[each.strip() for each in receivers.split(",")],
                email_body_fn=_mail,
                smtp_host=settings.alert_smtp_host,
                name="failed_runs_by_email",
                default_status=dg.DefaultSensorStatus.RUNNING,
            )
        )
    return found


def _failed_runs(webhook: str | None) -> dg.SensorDefinition:
    @dg.run_failure_sensor(
        name="failed_runs",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Écrit chaque échec dans le journal et, si DATAELEC_ALERT_WEBHOOK est donné, le poste en JSON.",
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> None:
        run, message = context.dagster_run, _words(context)
        context.log.error("%s (run %s) failed: %s", run.job_name, run.run_id, message)
        if webhook:
            # `text` is what chat services show; the rest is for programs.
            content = {"text": _sentence(context), "job": run.job_name, "run": run.run_id}
            reply = httpx.post(webhook, json=content, timeout=_TIMEOUT_SECONDS)
            if reply.is_error:
                # Not `raise_for_status`: its words hold the address, which is a secret, and the UI shows them.
                raise httpx.HTTPStatusError(
                    f"The webhook answers {reply.status_code}.", request=reply.request, response=reply
                )

    return failed_runs


def _mail(context: dg.RunFailureSensorContext) -> str:
    """Return the body of the mail: HTML in ASCII, since Dagster's mails cannot carry anything else."""
    text = html.escape(f"{_sentence(context)} (run {context.dagster_run.run_id})")
    return text.encode("ascii", "xmlcharrefreplace").decode()


def _sentence(context: dg.RunFailureSensorContext) -> str:
    return f"DataElec: {context.dagster_run.job_name} failed. {_words(context)}"


def _words(context: dg.RunFailureSensorContext) -> str:
    """Return the description of the step that failed, which our errors write for people."""
    for event in context.get_step_failure_events():
        data = event.step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            return data.user_failure_data.description
    return context.failure_event.message or "no reason given"
