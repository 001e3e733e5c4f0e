"""Runs one dbt command inside this process, with dbt's public runner.

A dbt command costs 13 CPU-seconds as a program and one here (docs/decisions/0005, 0045). dbt-duckdb keeps its file open
after a call, so the connection is closed by hand, and opens an event loop for Python models, which is left out. dbt's
events go through a manager of ours, set by dbt's own function. Two methods of dbt's that are not public are replaced
during a call; nothing else here uses its internals.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataelec_assets.collector import rare_collections
from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse.templates import kept_templates

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# Results are returned and errors raised: dbt itself writes only faults, and only to its log. A line at the start and at
# the end of each node would cost a tenth of a build.
_QUIET = ("--log-level", "none", "--no-use-colors", "--log-level-file", "warn")


def invoke(
    arguments: Sequence[str],
    *,
    project: Path,
    work: Path,
    values: Mapping[str, str],
    manifest: Manifest | None = None,
    templates: Path | None = None,
    shipped_templates: Path | None = None,
) -> Any:
    """Run a dbt command and return the result of dbt's runner.

    Args:
        arguments: the command, such as ``["build", "--select", "fct_stock_gaz"]``.
        project: folder of the dbt project and of its profile.
        work: folder of the log and of the compiled SQL; it is made.
        values: environment variables that the profile and the macros read.
        manifest: the parsed project; None lets dbt parse it.
        templates: folder that keeps the code of its templates; None: none is kept.
        shipped_templates: folder of an installed package that has such code too; it is only read.

    Raises:
        WarehouseError: dbt could not run at all (the project does not parse, the file is locked).
    """
    from dbt.cli.main import dbtRunner

    work.mkdir(parents=True, exist_ok=True)
    environment = {
        "DBT_PROFILES_DIR": str(project),
        "DBT_PROJECT_DIR": str(project),
        "DBT_TARGET_PATH": str(work),
        "DBT_LOG_PATH": str(work),
        # Nobody reads the manifest and the results that each command would write: half a second each time.
        "DBT_WRITE_JSON": "false",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        **values,
    }
    with (
        _environment(environment),
        rare_collections(),
        kept_templates(templates, shipped_templates),
        _only_faults(),
        _settings_known() if manifest is not None else nullcontext(),
    ):
        _without_event_loops()
        if manifest is not None:
            _know_texts(manifest)
        try:
            outcome = dbtRunner(manifest=manifest).invoke([*_QUIET, *arguments])
        finally:
            _release()
    if outcome.exception is not None:
        command = next(each for each in arguments if not each.startswith("-"))
        raise WarehouseError(
            f"dbt {command} could not run: {outcome.exception}",
            advice=f"The served file is unchanged. The log is {work / 'dbt.log'}.",
        ) from outcome.exception
    return outcome.result


@contextmanager
def _only_faults() -> Iterator[None]:
    """Let dbt drop an event that nobody reads, before it makes a message of it: there are 25 for each node."""
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import ctx_set_event_manager, get_event_manager

    class Faults(EventManager):
        def fire_event(self, e: Any, level: Any = None, *arguments: Any, **options: Any) -> None:
            if (level or e.level_tag()) in (EventLevel.WARN, EventLevel.ERROR):
                super().fire_event(e, level, *arguments, **options)

    before = get_event_manager()
    ctx_set_event_manager(Faults())
    try:
        yield
    finally:
        ctx_set_event_manager(before)


@contextmanager
def _settings_known() -> Iterator[None]:
    """Let dbt take project and profile as they are: they were checked when they were parsed, and have not changed.

    It makes a JSON schema of each class of settings first, and looks through all files of its stack for the name of the
    module that declares its own flags: 0.4 CPU-seconds in each process.
    """
    from dbt_common.behavior_flags import BehaviorFlagRendered
    from dbt_common.dataclass_schema import dbtClassMixin

    validate, source = vars(dbtClassMixin)["validate"], vars(BehaviorFlagRendered)["_default_source"]
    setattr(dbtClassMixin, "validate", classmethod(lambda cls, data: None))  # noqa: ARG005, B010 - theirs
    setattr(BehaviorFlagRendered, "_default_source", staticmethod(lambda: "dbt"))  # noqa: B010
    try:
        yield
    finally:
        setattr(dbtClassMixin, "validate", validate)  # noqa: B010
        setattr(BehaviorFlagRendered, "_default_source", source)  # noqa: B010


def _know_texts(manifest: Manifest) -> None:
    """Fill dbt's cache of texts without marks of Jinja with those of our checks, which stand for themselves.

    dbt would make a template of each and render it: ten texts for each of 800 rules, 0.3 milliseconds a text.
    """
    from dbt.clients import jinja

    cache: dict[str, str] = vars(jinja).get("_render_cache", {})
    for node in manifest.nodes.values():
        metadata = getattr(node, "test_metadata", None)
        for text in _texts(metadata.kwargs) if metadata is not None else ():
            # Jinja drops a newline at the end and changes those of Windows.
            if not text.endswith("\n") and "\r" not in text:
                cache.setdefault(text, text)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in lists and mappings of any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _without_event_loops() -> None:
    """Keep dbt-duckdb from opening, and never closing, an event loop in each thread that runs a Python model.

    Ours need none, and a long-lived process would keep three open files per loop after each refresh.
    """
    from dbt.adapters.duckdb import environments

    setattr(environments, "_ensure_event_loop", lambda: None)  # noqa: B010 - a name of theirs, gone or not


def _release() -> None:
    """Release the lock of the warehouse file, forget the adapters of this call, close its log."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
    # dbt drops the file of its log without closing it.
    for handler in logging.getLogger("file_log").handlers:
        handler.close()
