"""Runs of the command line: the same job as in the UI, in this process, recorded in the same instance."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from filelock import FileLock
from sqlalchemy.exc import DBAPIError

from dataelec_assets.defs.build import build_refresh, without_beta_warnings
from dataelec_assets.defs.jobs import QUIET, outcome_of, run_config_of
from dataelec_assets.defs.steps import RefreshConfig
from dataelec_assets.disk import cannot_write
from dataelec_assets.errors import WarehouseError
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.packaged import DAGSTER_INSTANCE, WORKSPACE
from dataelec_assets.pipeline import Outcome
from dataelec_assets.portals.progress import Progress
from dataelec_assets.run_context import RunContext
from dataelec_assets.serving.ports import listening
from dataelec_assets.settings import load_settings

# The sensor asks portals; a slow one must not make the tick fail (Dagster allows it one minute by default).
_SENSOR_SECONDS = "300"

_UI_HOST = "127.0.0.1"

# `dagster dev` says at every start that `dg dev` is newer; that one wants a project of its own layout.
_SUPERSEDED = "ignore:Function `dev_command` is superseded"

_INTERRUPTED = dg.DagsterExecutionInterruptedError.__name__


@contextmanager
def _state_written() -> Iterator[None]:
    """Tell that Dagster cannot write its own state from a fault of the program.

    Raises:
        LakeError: its folder cannot be written to.
    """
    try:
        yield
    except (DBAPIError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = cause if isinstance(cause, Exception) else error
        raise cannot_write(Path(os.environ["DAGSTER_HOME"]), reason, "Dagster's own state") from error


def instance_settings() -> str:
    """Return the content of ``dagster.yaml`` for a home, which keeps the history inside itself."""
    shared = DAGSTER_INSTANCE.read_text(encoding="utf-8").partition("# Without DAGSTER_HOME")[0]
    return shared.rstrip().replace("base_dir: lake/dagster", "base_dir: {env: DAGSTER_HOME}") + "\n"


@_state_written()
def use_dagster_home(ctx: RunContext) -> None:
    """Keep Dagster's state in ``DAGSTER_HOME``, else beside the lake; make it, with its settings, when it is not there.

    Raises:
        LakeError: it cannot be made.
    """
    home = os.environ.setdefault("DAGSTER_HOME", str(ctx.paths.dagster_home))
    os.makedirs(home, exist_ok=True)  # noqa: PTH103 - the variable is text
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    settings = Path(home) / "dagster.yaml"
    # Two processes that make the same SQLite files at once leave them unusable for ever ("more than one head present").
    with FileLock(Path(home) / ".lock"):
        if not settings.exists():
            settings.write_text(instance_settings(), encoding="utf-8")
        with dg.DagsterInstance.get():
            pass


def start_ui(port: int) -> None:
    """Replace this process by `dagster dev` on the lake of the environment.

    Raises:
        SettingsError: an environment variable cannot be used.
        CannotListen: the port is taken: Dagster would print a stack trace and end as if all were well.
    """
    ctx = RunContext(load_settings())
    for each in listening(_UI_HOST, port):
        each.close()
    use_dagster_home(ctx)
    os.environ.setdefault("DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS", _SENSOR_SECONDS)
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [os.environ.get("PYTHONWARNINGS"), _SUPERSEDED]))
    # Started in the background, a shell makes Dagster ignore INT and TERM: give it the default ones back.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    arguments = ["-m", "dagster", "dev", "-w", str(WORKSPACE), "-h", _UI_HOST, "-p", str(port)]
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own interpreter, fixed arguments


class Runs:
    """Launches the jobs of the command line in this process; the UI shows them like its own."""

    def __init__(
        self, ctx: RunContext, progress: Progress | None = None, known: Mapping[str, Observation] | None = None
    ) -> None:
        use_dagster_home(ctx)
        self._refresh = build_refresh(ctx, progress=progress, known=known)

    def refresh(self, config: RefreshConfig, cause: str) -> Outcome:
        """Do what is asked for, in one run; the caller holds the lock of refreshes.

        Args:
            config: what to do.
            cause: the command, shown with the run in the UI.

        Returns:
            What was done, from the outputs of the steps.

        Raises:
            WarehouseError: the tables could not be built, or not at all for a reason of ours; nothing was published.
            LakeError: the disk of the lake, or of Dagster's own state, cannot be written to.
            KeyboardInterrupt: the user has ended it, which Dagster records as a failure of the run.
        """
        with _state_written(), without_beta_warnings(), dg.DagsterInstance.get() as instance:
            result = self._refresh.execute_in_process(
                run_config={**run_config_of(**config.model_dump()), **QUIET},
                instance=instance,
                tags={"dataelec/cause": cause},
                raise_on_error=False,
            )
        outcome = outcome_of(result)
        if outcome is None:
            if _was_interrupted(result):
                raise KeyboardInterrupt
            raise WarehouseError(_first_failure(result))
        return outcome


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Return whether Ctrl-C has ended a step, however deep Dagster has wrapped it."""
    for event in result.all_node_events:
        error = event.step_failure_data.error if event.is_step_failure else None
        while error is not None:
            if error.cls_name == _INTERRUPTED:
                return True
            error = error.cause
    return False


def _first_failure(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_node_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            user = event.step_failure_data.user_failure_data
            if user is not None and user.description:
                return user.description
            if error is not None:
                cause = error.cause or error
                return f"{event.step_key}: {cause.message.strip()}"
    return "The run failed; `dagster dev -w workspace.yaml` shows why."
