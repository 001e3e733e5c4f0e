"""Runs dbt on a lake: one command in, one result per node out, and one per rule of a fused check."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import project
from dataelec_assets.warehouse.parse import LOCAL, ensure_parse
from dataelec_assets.warehouse.rules import constats_of, is_fused, rule_id, rules_of
from dataelec_assets.warehouse.runner import invoke

_CHOSEN = "a_construire"


@dataclass(frozen=True, slots=True)
class Target:
    """Where dbt builds.

    Attributes:
        name: of the target in ``dbt/profiles.yml``.
        values: what its macros read from the environment besides.
        adapt: changes the manifest of a command.
    """

    name: str = LOCAL
    values: Mapping[str, str] = field(default_factory=dict)
    adapt: Callable[[Any], None] | None = None


_LOCAL = Target()

# DuckDB's words.
_OUT_OF_MEMORY = "Out of Memory Error"


@dataclass(frozen=True, slots=True)
class NodeResult:
    """The result of one model, seed, test, or rule of a fused test.

    Attributes:
        unique_id: dbt's name of the node; for a rule, ``test.dataelec.<rule>``.
        status: ``success``, ``pass``, ``warn``, ``fail``, ``error`` or ``skipped``.
        message: dbt's words, None when there are none.
        failures: rows that a test returned, None for other nodes.
        seconds: time it took.
        sql: query that lists the rows of a check that has found something.
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
    intact: Sequence[str] = (),
    is_empty: bool = False,
    years: Sequence[str] = (),
    tolerated: Collection[str] = (),
    target: Target = _LOCAL,
) -> list[NodeResult]:
    """Run one dbt command in this process and return the result of each node.

    Args:
        paths: folders of the lake.
        arguments: the command, such as ``["build", "--select", "fct_stock_gaz"]``.
        nodes: select exactly these, by dbt's names; None: what the arguments select.
        months: window of the monthly facts (``YYYY-MM``); empty means all months.
        intact: monthly facts that nothing has moved.
        is_empty: the tables are there without rows, as the same project has made them.
        years: by which large ones of them are filled, one after the other (``YYYY``, ascending); none: at once.
        tolerated: names of checks that only warn this time.
        target: where to build.

    Returns:
        One result per node, in the order of execution; empty for commands without nodes.

    Raises:
        WarehouseError: dbt could not run at all (the project does not parse, the file is locked).
    """
    paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "DATAELEC_LAKE_PARQUET": str(paths.parquet),
        "DATAELEC_WAREHOUSE": str(paths.warehouse),
        "DATAELEC_MOIS": ",".join(months),
        "DATAELEC_INTACTS": ",".join(intact),
        "DATAELEC_TABLES_VIDES": (",".join(years) or "oui") if is_empty else "",
        **target.values,
    }
    results = _run(paths, arguments, values, nodes, tolerated=tolerated, target=target)
    if starved := _starved(results):
        command = arguments[: arguments.index("--select")] if "--select" in arguments else arguments
        again = _run(paths, [*command, "--threads", "1"], values, starved, tolerated=tolerated, target=target)
        results = [*(each for each in results if each.node.unique_id not in starved), *again]
    return [
        found
        for each in results
        if not each.node.unique_id.startswith("exposure.")  # who reads the tables: nothing is built
        for found in (_of_rules(each) if _is_fused(each.node) else [_of_node(each)])
    ]


def _run(
    paths: LakePaths,
    arguments: Sequence[str],
    values: Mapping[str, str],
    nodes: Collection[str] | None,
    *,
    tolerated: Collection[str],
    target: Target,
) -> Sequence[Any]:
    """Run one dbt command and return dbt's own results."""
    parse = ensure_parse(paths, target.name)
    manifest = parse.manifest(nodes)
    if target.adapt is not None:
        target.adapt(manifest)
    if tolerated:
        for node in manifest.nodes.values():
            _tolerate(node, tolerated)
    if nodes is not None:
        # As names on the command line, each would be compared with each node of the project: 7 ms of CPU a name.
        for name in nodes:
            manifest.nodes[name].tags.append(_CHOSEN)
        arguments = [*arguments, "--indirect-selection", "empty", "--select", f"tag:{_CHOSEN}"]
    result = invoke(
        [*arguments, "--target", target.name],
        project=project.PROJECT_DIR,
        work=target_dir(paths),
        values=values,
        manifest=manifest,
        templates=parse.own_folder(paths),
        shipped_templates=parse.folder,
    )
    return getattr(result, "results", None) or ()


def _starved(results: Sequence[Any]) -> list[str]:
    """Return the nodes that are worth a second run by themselves: they lacked memory, or waited for one that did.

    Nodes side by side share the memory; what spills for one may not for two. None when anything else has failed too:
    what was skipped may then wait for that.
    """
    broken = [each for each in results if str(each.status) in ("error", "fail", "runtime error")]
    if not broken or not all(_OUT_OF_MEMORY in (each.message or "") for each in broken):
        return []
    skipped = [each for each in results if str(each.status) == "skipped"]
    return [each.node.unique_id for each in (*broken, *skipped)]


def _is_fused(node: Any) -> bool:
    metadata = getattr(node, "test_metadata", None)
    return metadata is not None and is_fused({"test_metadata": {"name": metadata.name}})


def _tolerate(node: Any, rules: Collection[str]) -> None:
    """Let a check, or rules of a fused one, only warn."""
    if node.name in rules:
        node.config["severity"] = "warn"
    if _is_fused(node):
        for name, _, given in rules_of(_table(node), node.test_metadata.kwargs):
            if name in rules:
                given["config"] = {**given.get("config", {}), "severity": "warn"}


def _table(node: Any) -> str:
    return str(node.attached_node).rsplit(".", 1)[-1]


def _of_node(result: Any) -> NodeResult:
    status, failures, message = str(result.status), getattr(result, "failures", None), result.message
    has_rows = status in ("fail", "warn")
    return NodeResult(
        result.node.unique_id,
        status,
        _count(failures) if has_rows and failures is not None else message,
        failures,
        float(result.execution_time),
        getattr(result.node, "compiled_code", None) if has_rows else None,
    )


def _of_rules(result: Any) -> Iterator[NodeResult]:
    """Yield a result for each rule of a fused check. When it has not run, none of them has."""
    status = str(result.status)
    has_run = status in ("pass", "warn", "fail")
    found: Mapping[str, Any] = constats_of(result.adapter_response) if has_run else {}
    rules = list(rules_of(_table(result.node), result.node.test_metadata.kwargs))
    seconds = float(result.execution_time) / len(rules)
    for name, _, _ in rules:
        if not has_run:
            yield NodeResult(rule_id(name), status, result.message, None, seconds)
        elif name in found:
            each = found[name]
            rows, severity = each["lignes"], "fail" if each["bloque"] else "warn"
            yield NodeResult(rule_id(name), severity, _count(rows), rows, seconds, each["requete"])
        else:
            yield NodeResult(rule_id(name), "pass", None, 0, seconds)


def _count(rows: int) -> str:
    """Return the number of rows, which dbt gives as "Got 1 result"."""
    return f"{rows} ligne(s) en défaut"
