"""Runs dbt on a lake: one command in, one result per node out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import project
from dataelec_assets.warehouse.parse import ensure_parse
from dataelec_assets.warehouse.runner import invoke

_CHOSEN = "a_construire"


@dataclass(frozen=True, slots=True)
class NodeResult:
    """The result of one model, seed or test.

    Attributes:
        unique_id: dbt's name of the node.
        status: ``success``, ``pass``, ``warn``, ``fail``, ``error`` or ``skipped``.
        message: dbt's words, None when there are none.
        failures: rows that a test returned, None for other nodes.
        seconds: time it took.
        sql: query of a check that has found something.
    """

    unique_id: str
    status: str
    message: str | None
    failures: int | None
    seconds: float
    sql: str | None = None

    @property
    def is_broken(self) -> bool:
        """Whether the node blocks the publication."""
        return self.status in ("fail", "error", "skipped", "runtime error")


def target_dir(paths: LakePaths) -> Path:
    """Return dbt's working folder, in the lake: log and compiled SQL belong to one lake."""
    return paths.root / "dbt"


def run_dbt(
    paths: LakePaths,
    arguments: Sequence[str],
    *,
    nodes: Collection[str] | None = None,
    months: Sequence[str] = (),
    tolerated: Collection[str] = (),
) -> list[NodeResult]:
    """Run one dbt command in this process and return the result of each node.

    Args:
        paths: folders of the lake.
        arguments: the command, such as ``["build", "--select", "fct_stock_gaz"]``.
        nodes: select exactly these, by dbt's names; None: what the arguments select.
        months: window of the monthly facts (``YYYY-MM``); empty means all months.
        tolerated: names of checks that only warn this time.

    Returns:
        One result per node, in the order of execution; empty for commands without nodes.

    Raises:
        WarehouseError: dbt could not run at all (the project does not parse, the file is locked).
    """
    paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
    manifest = ensure_parse(paths).manifest()
    for node in manifest.nodes.values():
        if node.name in tolerated:
            node.config["severity"] = "warn"
    if nodes is not None:
        # As names on the command line, each would be compared with each node of the project: 7 ms of CPU a name.
        for name in nodes:
            manifest.nodes[name].tags.append(_CHOSEN)
        arguments = [*arguments, "--indirect-selection", "empty", "--select", f"tag:{_CHOSEN}"]
    result = invoke(
        arguments,
        project=project.PROJECT_DIR,
        work=target_dir(paths),
        values={
            "DATAELEC_LAKE_PARQUET": str(paths.parquet),
            "DATAELEC_WAREHOUSE": str(paths.warehouse),
            "DATAELEC_MOIS": ",".join(months),
        },
        manifest=manifest,
    )
    results: Sequence[Any] = getattr(result, "results", None) or ()
    return [
        NodeResult(
            each.node.unique_id,
            str(each.status),
            _message(each),
            getattr(each, "failures", None),
            float(each.execution_time),
            getattr(each.node, "compiled_code", None) if str(each.status) in ("fail", "warn") else None,
        )
        for each in results
        if not each.node.unique_id.startswith("exposure.")  # who reads the tables: nothing is built
    ]


def _message(result: Any) -> str | None:
    """Return dbt's message on a node; for a check the number of rows, which dbt gives as "Got 1 result"."""
    failures = getattr(result, "failures", None)
    if str(result.status) in ("fail", "warn") and failures is not None:
        return f"{failures} ligne(s) en défaut"
    message: str | None = result.message
    return message
