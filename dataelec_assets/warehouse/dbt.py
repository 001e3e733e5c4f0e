"""Runs dbt inside this process.

A dbt command costs 13 CPU-seconds when started as a program and about one here (docs/decisions/0005). dbt-duckdb
keeps its file open after a call, so the connection is closed by hand, and opens an event loop for Python models, which
is left out; nothing else here reaches behind dbt's public face.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataelec_assets.errors import WarehouseError
from dataelec_assets.lake.files import exclusive, move_into_place, temporary_path
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.project import PROJECT_DIR, definitions_digest


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of one model, seed or test.

    Attributes:
        unique_id: dbt's name of the node.
        status: ``success``, ``pass``, ``warn``, ``fail``, ``error`` or ``skipped``.
        message: dbt's words, None when there are none.
        failures: rows that a test returned, None for other nodes.
        seconds: time it took.
    """

    unique_id: str
    status: str
    message: str | None
    failures: int | None
    seconds: float

    @property
    def is_broken(self) -> bool:
        """Whether the node blocks the publication."""
        return self.status in ("fail", "error", "skipped", "runtime error")


def target_dir(paths: LakePaths) -> Path:
    """Return dbt's working folder: beside the lake, since manifest, results and log are those of one lake."""
    return paths.root / "dbt"


@contextmanager
def _environment(paths: LakePaths, months: Sequence[str]) -> Iterator[None]:
    values = {
        "DATAELEC_LAKE_PARQUET": str(paths.parquet),
        "DATAELEC_WAREHOUSE": str(paths.warehouse),
        "DATAELEC_MOIS": ",".join(months),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(target_dir(paths)),
        "DBT_LOG_PATH": str(target_dir(paths)),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
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

    Ours need none. A refresh in a process that lives on would leave three open files behind per loop.
    """
    from dbt.adapters.duckdb import environments

    setattr(environments, "_ensure_event_loop", lambda: None)  # noqa: B010 - a name of theirs, gone or not


def _forget_another_project(paths: LakePaths) -> None:
    """Let dbt parse everything when its project is not the one that it has parsed last on this lake.

    What it keeps to parse less loses the configuration of a data test whose SQL has changed and whose YAML has not: a
    finding that should be listed would then block every publication (dbt 1.11).
    """
    mark, present = target_dir(paths) / "parsed.txt", definitions_digest()
    if not mark.exists() or mark.read_text(encoding="utf-8") != present:
        (target_dir(paths) / "partial_parse.msgpack").unlink(missing_ok=True)
        mark.write_text(present, encoding="utf-8")


def _release() -> None:
    """Give back the lock of the warehouse file, forget the adapters of this call, close its log."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
    # dbt drops the file of its log without closing it.
    for handler in logging.getLogger("file_log").handlers:
        handler.close()


def run_dbt(paths: LakePaths, arguments: Sequence[str], *, months: Sequence[str] = ()) -> list[NodeResult]:
    """Run one dbt command in this process and return what became of each node.

    Args:
        paths: folders of the lake.
        arguments: the command, such as ``["build", "--select", "fct_stock_gaz"]``.
        months: window of the monthly facts (``YYYY-MM``); empty means all months.

    Returns:
        One result per node, in the order of execution; empty for commands without nodes.

    Raises:
        WarehouseError: dbt could not run at all (the project does not parse, the file is locked).
    """
    from dbt.cli.main import dbtRunner

    paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
    target_dir(paths).mkdir(parents=True, exist_ok=True)
    _forget_another_project(paths)
    # Results are returned and errors raised: dbt itself says nothing but to its log.
    quiet = ["--log-level", "none", "--no-use-colors", "--log-level-file", "info"]
    with _environment(paths, months):
        _without_event_loops()
        try:
            outcome = dbtRunner().invoke([*quiet, *arguments])
        finally:
            _release()
    if outcome.exception is not None:
        raise WarehouseError(
            f"dbt {arguments[0]} could not run: {outcome.exception}",
            advice=f"The served file is unchanged. The log is {target_dir(paths) / 'dbt.log'}.",
        ) from outcome.exception
    results: Sequence[Any] = getattr(outcome.result, "results", None) or ()
    return [
        NodeResult(
            each.node.unique_id,
            str(each.status),
            each.message,
            getattr(each, "failures", None),
            float(each.execution_time),
        )
        for each in results
    ]


def ensure_manifest(paths: LakePaths, *, lock_wait_seconds: float = 0) -> Path:
    """Return the path of a manifest that describes the present project, parsing it when needed.

    It is a copy: dbt writes its own ``manifest.json`` again in place at every command, and another process may be in
    the middle of that, or may have died there.

    Raises:
        BusyError: the project is to be parsed, and another process holds the lake for longer than the wait.
        WarehouseError: the project does not parse.
    """
    copy = target_dir(paths) / f"manifest-{definitions_digest()[:16]}.json"
    if not copy.exists():
        with exclusive(paths, wait_seconds=lock_wait_seconds):
            if copy.exists():
                return copy  # made by the process that held the lock
            run_dbt(paths, ["parse"])
            draft = temporary_path(paths, ".json")
            shutil.copyfile(target_dir(paths) / "manifest.json", draft)
            for old in target_dir(paths).glob("manifest-*.json"):
                old.unlink()
            move_into_place(draft, copy)
    return copy


def summary(results: Sequence[NodeResult]) -> Mapping[str, int]:
    """Return how many nodes ended in each status."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.status] = counts.get(result.status, 0) + 1
    return counts
