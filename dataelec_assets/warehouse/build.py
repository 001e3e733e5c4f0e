"""From Parquet copies to tables: dbt builds what the changed partitions touch, and the signatures are recorded.

The record is in the warehouse file itself (schema ``etat``). The signatures of what is about to be rebuilt are removed
before dbt starts and written after its success: a build that was killed, or that a check has refused, is repeated even
if the publisher has returned to the former content in between.

Longer than 300 lines because the order of forgetting, building and recording is what must be seen as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import duckdb

from dataelec_assets.database import STORAGE_VERSION, connect
from dataelec_assets.errors import WarehouseError
from dataelec_assets.lake import calendar, quarantine
from dataelec_assets.lake.atomic_files import move_into_place, temporary_path
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse import gates
from dataelec_assets.warehouse.dbt import NodeResult, run_dbt
from dataelec_assets.warehouse.empty import EmptyWarehouse, find_empty, keep_empty
from dataelec_assets.warehouse.parse import ensure_parse
from dataelec_assets.warehouse.project import project_digest
from dataelec_assets.warehouse.renewed import monthly_models, read_marks, write_marks
from dataelec_assets.warehouse.source_views import show_sources

Signatures = dict[tuple[str, str], str]

_BUILD = ("build", "--exclude-resource-type", "unit_test")


@dataclass(slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        kind: ``nothing`` (every partition is in the tables already), ``months``, ``full``, or ``some`` (tables that
            were asked for by name).
        months: months renewed in the monthly facts: those that have moved; all of the lake when a data set has moved
            that is not cut by month, since any month may use it.
        datasets: data sets whose tables were renewed.
        results: what became of each node.
        changed: the partitions that have moved since the tables were last built, by data set; all of them when full.
        unmoved: models that were left alone: the rows of the gate before them have not moved.
        gates: digest of the rows of each gate that was built, by name; empty when the build has not ended well.
    """

    kind: str
    months: list[str] = field(default_factory=list)
    datasets: list[str] = field(default_factory=list)
    results: list[NodeResult] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)
    gates: Mapping[str, str] = field(default_factory=dict)

    @property
    def broken(self) -> list[NodeResult]:
        """Nodes that block the publication."""
        return [result for result in self.results if result.is_broken]

    @property
    def warnings(self) -> list[NodeResult]:
        """Checks that found something and do not block."""
        return [result for result in self.results if result.status == "warn"]


def lake_signatures(ctx: RunContext) -> Signatures:
    """Return the signature of everything from which the tables are made, by data set and partition."""
    signatures = {
        (dataset.id, partition): signature
        for dataset in ctx.catalog.values()
        for partition, signature in ctx.partition_signatures(dataset).items()
    }
    return {
        **signatures,
        (calendar.CALENDAR, calendar.PARTITION): ctx.calendar.signature(),
        (quarantine.QUARANTINE, quarantine.PARTITION): ctx.quarantine.signature(),
    }


def warehouse_signatures(ctx: RunContext) -> tuple[Signatures, str | None]:
    """Return the signatures of the last build and the digest of its project; empty before the first build."""
    if not ctx.paths.warehouse.exists():
        return {}, None
    with open_warehouse(ctx) as connection:
        known = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'etat'"
        ).fetchone()
        if not known or known[0] < 2:  # noqa: PLR2004 - the two tables of `etat`
            return {}, None
        rows = connection.execute("SELECT dataset_id, partition, signature FROM etat.partitions").fetchall()
        version = connection.execute("SELECT projet FROM etat.version").fetchone()
    return {(dataset_id, partition): signature for dataset_id, partition, signature in rows}, (
        version[0] if version else None
    )


def differing(lake: Signatures, built: Signatures) -> set[tuple[str, str]]:
    """Return the partitions that the warehouse was not built from as they are now."""
    return {key for key in lake.keys() | built.keys() if lake.get(key) != built.get(key)}


def open_warehouse(ctx: RunContext) -> duckdb.DuckDBPyConnection:
    """Open the warehouse.

    Raises:
        WarehouseError: another program holds the file, or it is damaged.
    """
    path = ctx.paths.warehouse
    try:
        return connect(path)
    except duckdb.IOException as error:
        reason = str(error).strip().splitlines()[0]
        if "lock" in reason.lower():
            advice = f"Another program holds {path}: close it (users open {ctx.paths.served_file}), then refresh again."
        else:
            advice = f"Delete {path} and run `dataelec refresh`: it is built again from the lake."
        raise WarehouseError(f"The warehouse cannot be opened: {reason}", advice=advice) from error


def make_file(ctx: RunContext) -> None:
    """Create the empty warehouse under a temporary name: a file truncated while DuckDB creates it cannot be opened."""
    if not ctx.paths.warehouse.exists():
        draft = temporary_path(ctx.paths, ".duckdb")
        connect(draft, config={"storage_compatibility_version": STORAGE_VERSION}).close()
        move_into_place(draft, ctx.paths.warehouse)


def sweep(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the tables that a model in Python leaves beside its own when it fails: they would be served."""
    left = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE contains(table_name, '__dbt_tmp')"
    ).fetchall()
    for schema, table in left:
        connection.execute(f'DROP TABLE "{schema}"."{table}"')


def remember(
    connection: duckdb.DuckDBPyConnection,
    signatures: Signatures,
    project: str,
    digests: Mapping[str, str] | None = None,
) -> None:
    """Record from what the tables are made, and the ``digests`` of gates behind which all is built."""
    connection.execute("BEGIN")
    connection.execute("CREATE SCHEMA IF NOT EXISTS etat")
    connection.execute("CREATE OR REPLACE TABLE etat.version AS SELECT ? AS projet", [project])
    rows = [(dataset, partition, signature) for (dataset, partition), signature in sorted(signatures.items())]
    # One statement: a thousand single inserts take half a second.
    connection.execute(
        "CREATE OR REPLACE TABLE etat.partitions AS SELECT unnest(CAST(? AS VARCHAR[])) AS dataset_id, "
        "unnest(CAST(? AS VARCHAR[])) AS partition, unnest(CAST(? AS VARCHAR[])) AS signature",
        [list(column) for column in zip(*rows, strict=True)] or [[], [], []],
    )
    if digests is not None:
        gates.remember(connection, digests)
    connection.execute("COMMIT")


def ready_lake(ctx: RunContext) -> None:
    """Make sure that dbt can read everything that the tables are made from; the caller holds the writer's lock."""
    for dataset in ctx.catalog.values():
        ctx.parquet.ensure_readable(dataset)
    ctx.revisions.ensure_readable()
    ctx.calendar.ensure_current()
    ctx.quarantine.ensure_readable()


def build_warehouse(ctx: RunContext, *, full: bool = False, tolerated: Collection[str] = ()) -> BuildReport:
    """Build the tables that were not made from the present Parquet copies.

    Args:
        ctx: settings and folders.
        full: build everything again.
        tolerated: names of checks that only warn this time.

    Returns:
        The report; when some node is broken its partitions stay forgotten, and the caller must not publish.

    Raises:
        WarehouseError: dbt could not run.
    """
    parse = ensure_parse(ctx.paths)
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        marks = read_marks(ctx.paths)
        ready_lake(ctx)
        lake, project = lake_signatures(ctx), project_digest()
        built, built_project = warehouse_signatures(ctx)
        is_full = full or built_project != project
        changed = sorted(lake if is_full else differing(lake, built))
        if not is_full and not changed:
            return BuildReport("nothing")
        # No monthly fact reads the quarantine.
        moved = [dataset_id for dataset_id, _ in changed if dataset_id != quarantine.QUARANTINE]
        is_whole = is_full or not all(is_monthly(ctx, dataset_id) for dataset_id in moved)
        renewed = lake if is_whole else changed
        report = BuildReport(
            "full" if is_full else "months",
            months=sorted({partition[:7] for dataset_id, partition in renewed if is_monthly(ctx, dataset_id)}),
            datasets=sorted({dataset_id for dataset_id, _ in changed}),
            changed=changed,
        )
        # Nothing of a build that did not end well, or of another version of the project, is worth more than no rows.
        empty = find_empty(parse) if is_full and not full else None
        if empty is not None:
            empty.copy(ctx.paths)
            built, _ = warehouse_signatures(ctx)
        make_file(ctx)
        kept = {} if is_full else {key: signature for key, signature in built.items() if key not in changed}
        # The file takes 50 ms of CPU to open, so it is opened once before dbt and once after.
        with open_warehouse(ctx) as connection:
            remember(connection, kept, "" if is_full else project)
            show_sources(connection, ctx.paths, ctx.catalog.values())
            views = set(connection.execute("SELECT schema_name, view_name FROM duckdb_views()").fetchall())
            if is_full and empty is None:
                gates.forget(connection)
        if empty is not None:
            fed = sorted({dataset for dataset, _ in differing(lake, built)})
            rounds = gates.Rounds(parse.manifest_json, sources_of(ctx, BuildReport("full", datasets=fed)))
            _run_on_empty(ctx, report, empty, rounds, views=views, tolerated=tolerated)
        elif is_full:
            report.results = run_dbt(ctx.paths, [*_BUILD, "--full-refresh"], tolerated=tolerated)
        else:
            rounds = gates.Rounds(parse.manifest_json, sources_of(ctx, report))
            _run_rounds(ctx, report, rounds, views, is_whole=is_whole, tolerated=tolerated)
        with open_warehouse(ctx) as connection:
            sweep(connection)
            if not report.broken:
                if is_full:
                    report.gates = gates.digests(connection, gates.all_gates(parse.manifest_json))
                remember(connection, lake, project, report.gates)
            connection.execute("CHECKPOINT")
        if not report.broken and is_full and not {dataset for dataset, _ in lake} & ctx.catalog.keys():
            keep_empty(parse, ctx.paths.warehouse, report.results)
        write_marks(ctx.paths, marks, report.results, () if is_whole else report.months)
        return report


def _run_on_empty(
    ctx: RunContext,
    report: BuildReport,
    empty: EmptyWarehouse,
    rounds: gates.Rounds,
    *,
    views: Collection[tuple[str, str]],
    tolerated: Collection[str],
) -> None:
    """Let dbt fill what some data sets feed; the rest was built, and checked, with the empty warehouse.

    Its views and its tables are those of the same project: views stay, and tables need rows alone.
    """
    results = {each.unique_id: each for each in empty.results()}
    turn = rounds.whole()
    shown = {key for key, place in rounds.views(turn.models).items() if place in views}
    nodes = [*(key for key in turn.models if key not in shown), *turn.tests]
    if nodes:
        filled = run_dbt(
            ctx.paths,
            [*_BUILD, "--full-refresh"],
            nodes=nodes,
            is_empty=True,
            years=sorted({month[:4] for month in report.months}),
            tolerated=tolerated,
        )
        results |= {each.unique_id: each for each in filled}
    report.results = list(results.values())


def _run_rounds(
    ctx: RunContext,
    report: BuildReport,
    rounds: gates.Rounds,
    views: Collection[tuple[str, str]],
    *,
    is_whole: bool,
    tolerated: Collection[str],
) -> None:
    """Let dbt build what has changed; what waits behind gates only when their rows have moved.

    A view that is there shows what is below it, since its text is that of the project: only its checks have work to do.
    """
    digests: dict[str, str] = {}
    while (turn := rounds.next()) is not None:
        shown = [key for key, place in rounds.views(turn.models).items() if place in views]
        report.results += [NodeResult(key, "success", None, None, 0.0) for key in shown]
        nodes = [*(key for key in turn.models if key not in shown), *turn.tests]
        report.results += run_dbt(
            ctx.paths,
            _BUILD,
            nodes=nodes,
            months=() if is_whole else report.months,
            intact=rounds.intact(monthly_models()),
            tolerated=tolerated,
        )
        if report.broken:
            return
        if turn.gates:
            with open_warehouse(ctx) as connection:
                found, before = gates.digests(connection, turn.gates), gates.remembered(connection)
                moved = [name for name, digest in found.items() if before.get(name) != digest]
                gates.forget(connection, moved)
            digests |= found
            rounds.open(moved)
    report.gates, report.unmoved = digests, rounds.untouched


def is_monthly(ctx: RunContext, dataset_id: str) -> bool:
    """Return whether a data set is cut within months, as monthly facts are."""
    dataset = ctx.catalog.get(dataset_id)
    return dataset is not None and dataset.partitioning.is_within_months


def sources_of(ctx: RunContext, report: BuildReport) -> list[str]:
    """Return dbt's names of the sources that have changed."""
    changed = [ctx.catalog[each] for each in report.datasets if each in ctx.catalog]
    # Every change of the lake may be a revision, but for what users import, which has none.
    has_revisions = any(not (each in ctx.catalog and ctx.catalog[each].info.is_local) for each in report.datasets)
    own = [
        *(["revisions"] if has_revisions else ()),
        *(calendar.TABLES if calendar.CALENDAR in report.datasets else ()),
        *([quarantine.QUARANTINE] if quarantine.QUARANTINE in report.datasets else ()),
    ]
    return [*(f"lac.{name}" for name in own), *(f"{each.portal}.{each.table}" for each in changed)]
