"""The command line. Every command takes ``--help``; those that have a result take ``--json``.

Exit codes and the shape of each result are in docs/reference/commands.md.

Longer than 300 lines because every option and every line of ``--help`` is here, and nothing else. What commands do is
in ``commands/``, a module each, and is imported when a command runs.
"""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dataelec_assets.collector import collect_rarely
from dataelec_assets.commands.printing import (
    EXIT_FAILED,
    foreseeable,
    print_json,
    print_outcome,
    print_result,
    print_table,
    remark,
    retries_once,
    say,
    say_all,
)

app = typer.Typer(
    name="dataelec",
    help="French electricity, from the publishers' portals to one DuckDB file: only what is stale is refreshed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its formatting takes as long to import as all the rest of --help
)

EXIT_DIFFERENT = 5

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def _ids(incomplete: str) -> list[str]:
    """Return the data sets that a shell proposes."""
    from dataelec_assets.catalog import load_catalog

    return [each for each in load_catalog() if each.startswith(incomplete)]


Sources = Annotated[
    list[str] | None,
    typer.Option("--source", help="Only this data set (portal id); may be repeated.", autocompletion=_ids),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="Read the published files of this folder (docs/folder.md) instead of asking the portals.",
        exists=True,
        file_okay=False,
    ),
]
Quiet = Annotated[bool, typer.Option(help="Show no progress.")]


@app.command()
@foreseeable
def refresh(
    *,
    source: Sources = None,
    folder: Folder = None,
    accept_shrink: Annotated[
        bool, typer.Option(help="Keep arrivals that have lost more than a quarter of their rows.")
    ] = False,
    quiet: Quiet = False,
    thorough: Annotated[
        bool, typer.Option(help="Look at every Parquet file of the lake, also where nothing has arrived.")
    ] = False,
    audit: Annotated[
        bool, typer.Option(help="First compare all that the lake holds with the portals' sums; nothing is downloaded.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Ask the portals what is stale, and why; fetch nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch what is stale, rebuild what depends on it, check, publish."""
    from dataelec_assets.commands import refresh as commands

    if dry_run:
        rows, lines, exit_code = commands.dry_run(source, folder=folder)
        headings = {"dataset_id": "data set", "partition": "partition", "reason": "reason"}
        if rows or as_json:
            print_table(headings, rows, as_json=as_json)
        for line in lines:
            (remark if as_json else say)(line)
        if exit_code:
            raise typer.Exit(exit_code)
        return
    outcome = commands.run_refresh(
        source, folder=folder, accept_shrink=accept_shrink, quiet=quiet or as_json, thorough=thorough, audit=audit
    )
    print_outcome(outcome, as_json=as_json)


@app.command()
@foreseeable
def backfill(
    *,
    source: Annotated[str, typer.Option("--source", help="The data set (portal id).", autocompletion=_ids)],
    first: Annotated[str, typer.Option("--from", help="First partition, such as 2013-01.")],
    last: Annotated[str, typer.Option("--to", help="Last partition, included.")],
    force: Annotated[bool, typer.Option(help="Fetch again what the lake holds already.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Fetch a range of partitions of one data set; an interrupted backfill takes up where it stood."""
    from dataelec_assets.commands.backfill import run_backfill

    outcome = run_backfill(source, first, last, force=force, quiet=quiet or as_json)
    print_outcome(outcome, as_json=as_json)


@app.command()
@foreseeable
def accept(
    dataset: Annotated[str, typer.Argument(help="The data set (portal id).", autocompletion=_ids)],
    partition: Annotated[str, typer.Argument(help="The partition that is in quarantine, such as 2026-03.")],
    as_json: Json = False,
) -> None:
    """Serve what is in quarantine as it is, in spite of the rule that it breaks; recorded in meta_quarantaine."""
    from dataelec_assets.commands.accept import run_accept

    print_outcome(run_accept(dataset, partition), as_json=as_json)


@app.command()
@foreseeable
def status(
    every: Annotated[bool, typer.Option("--all", help="Show every data set, not only what is wrong.")] = False,
    as_json: Json = False,
) -> None:
    """Say whether all is well: what is stale, late or in quarantine, without asking the portals."""
    from dataelec_assets.commands import status as commands
    from dataelec_assets.run_context import RunContext
    from dataelec_assets.settings import load_settings

    ctx = RunContext(load_settings())
    rows, lines = commands.source_status(ctx)
    if as_json:
        print_json(rows)
    else:
        say_all(lines)
        if every:
            say("")
            print_table(commands.COLUMNS, commands.shown(ctx, rows), as_json=False)
    if not ctx.paths.served_file.exists():
        raise typer.Exit(EXIT_FAILED)


@app.command()
@foreseeable
def rebuild(
    as_of: Annotated[
        str | None, typer.Option(help="As it could have been known then, such as 2026-05-21T00:00Z; in another folder.")
    ] = None,
    lock: Annotated[
        Path | None,
        typer.Option(
            help="The publication of this lock, such as lake/serving/sources.lock; in another folder.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Folder to build in, with --as-of or --lock.")] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make the Parquet lake and the warehouse again from the raw vintages, without network."""
    from dataelec_assets.commands.publications import rebuild_state
    from dataelec_assets.commands.rebuild import run_rebuild

    if as_of is not None or lock is not None or to is not None:
        done, lines = rebuild_state(as_of=as_of, lock=lock, folder=to)
    else:
        done, lines = run_rebuild(quiet=quiet or as_json)
    print_result(done, lines, as_json=as_json)


class Engine(StrEnum):
    """What builds the tables."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@app.command()
@foreseeable
def build(
    *,
    engine: Annotated[Engine, typer.Option(help="What builds: spark is for lakes beyond one machine.")] = Engine.DUCKDB,
    full: Annotated[bool, typer.Option(help="Build every table again, not only what is behind the lake.")] = False,
    as_json: Json = False,
) -> None:
    """Build the tables from the lake as it is, check and publish them; nothing is fetched."""
    from dataelec_assets.commands.build import build_tables

    print_result(*build_tables(engine.value, full=full), as_json=as_json)


@app.command()
@foreseeable
def diff(
    before: Annotated[
        Path, typer.Argument(help="A served DuckDB file, a folder that has one, or one of Spark.", exists=True)
    ],
    after: Annotated[Path, typer.Argument(help="Another one.", exists=True)],
    as_json: Json = False,
) -> None:
    """Compare two publications: schema, rows and values by table and month. Exit code 5 when they differ."""
    from dataelec_assets.commands.publications import differences

    rows = differences(before, after)
    headings = {name: name for name in ("table", "kind", "month", "before", "after", "columns")}
    if rows or as_json:
        print_table(headings, rows, as_json=as_json)
    else:
        say("The two publications hold the same.")
    if rows:
        raise typer.Exit(EXIT_DIFFERENT)


@app.command()
@foreseeable
def report(as_json: Json = False) -> None:
    """Make the report in French of what is served, as pages that need neither server nor network."""
    from dataelec_assets.commands.report import write_report

    print_result(*write_report(), as_json=as_json)


@app.command()
@foreseeable
def docs(
    to: Annotated[
        Path | None, typer.Option(help="File to write; else dbt-docs.html beside the served file.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the documentation of every table, column, check and query, with the lineage, as one HTML page."""
    from dataelec_assets.run_context import RunContext
    from dataelec_assets.settings import load_settings
    from dataelec_assets.warehouse.docs_site import write_docs_site

    page = str(write_docs_site(RunContext(load_settings()), to))
    print_result({"page": page}, [page], as_json=as_json)


@app.command()
@foreseeable
def sample(
    destination: Annotated[Path, typer.Argument(help="Folder to write; made when it is not there.")],
    *,
    years: Annotated[int, typer.Option(min=1, help="Length of the history.")] = 3,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 20260101,
    scale: Annotated[int, typer.Option(min=1, help="Times as much history.")] = 1,
    faulty: Annotated[bool, typer.Option("--faulty", help="With the faults that publishers make.")] = False,
    as_json: Json = False,
) -> None:
    """Write a small synthetic France: what is published without a key, invented, deterministic and marked as such."""
    from dataelec_assets.sample import generate

    summary = generate(
        destination,
        years=years,
        seed=seed,
        scale=scale,
        faulty=faulty,
        progress=remark,
    )
    done = {
        "folder": str(summary.destination),
        "first": summary.start,
        "last": summary.end,
        "seed": summary.seed,
        "rows": summary.rows,
        "bytes": summary.size,
    }
    print_result(done, [f"{summary}"], as_json=as_json)


@app.command()
@foreseeable
def demo(
    lake: Annotated[Path | None, typer.Option(help="Folder of the demonstration's lake.")] = None,
) -> None:
    """Run the main job on a folder of synthetic files, offline, and show a few answers."""
    from dataelec_assets.commands.demo import run_demo

    run_demo(lake, say)


@app.command()
@foreseeable
def dev(port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 3000) -> None:
    """Start the Dagster UI on this lake; the runs of the command line are there too."""
    from dataelec_assets.defs.runs import start_ui

    start_ui(port)


@app.command()
@foreseeable
def api(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0: every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8000,
    rate: Annotated[
        float, typer.Option(min=0, help="Requests per second of one client, on average; 0: no limit.")
    ] = 50.0,
    behind_proxy: Annotated[
        bool, typer.Option(help="A proxy on this machine names the client in X-Forwarded-For.")
    ] = False,
    log: Annotated[bool, typer.Option(help="Log requests, without their parameters.")] = True,
) -> None:
    """Serve the published tables and indicators to programs, read-only, in French (docs/api.md)."""
    from dataelec_assets.serving.api.app import Options
    from dataelec_assets.serving.api.server import run_api

    options = Options(rate=rate, burst=4 * rate, log=log)
    run_api(
        host,
        port,
        options,
        behind_proxy=behind_proxy,
        notice=say,
    )


@app.command()
@foreseeable
def export(
    uri: Annotated[str, typer.Argument(help="postgresql://user@host:5432/base; a password is better in ~/.pgpass.")],
    *,
    schema: Annotated[str, typer.Option(help="For the tables; the views go to SCHEMA_vues.")] = "dataelec",
) -> None:
    """Copy what has changed of the publication to PostgreSQL, in one transaction (docs/postgresql.md)."""
    from dataelec_assets.commands.export import run_export

    run_export(uri, schema, say)


@app.command()
@foreseeable
def iceberg(
    *,
    keep: Annotated[int, typer.Option(min=1, help="How many publications can be read; older ones go.")] = 30,
    as_json: Json = False,
) -> None:
    """Show the publication and the lake as Iceberg tables, without rewriting a file (docs/howto/iceberg.md)."""
    from dataelec_assets.commands.iceberg import run_iceberg

    print_result(*run_iceberg(keep, remark if as_json else say), as_json=as_json)


@app.command()
@foreseeable
def mcp(
    *,
    http: Annotated[bool, typer.Option(help="Listen on a port instead of standard input and output.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port, with --http; on this machine only.")] = 8001,
) -> None:
    """Give assistants the API's answers as read-only tools, by the Model Context Protocol (docs/mcp.md)."""
    from dataelec_assets.commands.mcp import run_mcp

    run_mcp(port if http else None, notice=say)


@app.command()
@foreseeable
def pseudonymise(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet file about persons.", dir_okay=False)],
    *,
    columns: Annotated[
        str, typer.Option(help="Columns to treat, such as nom,tel_contact=telephone (column=field to join files).")
    ],
    to: Annotated[
        Path | None, typer.Option(help="File to write; else NAME.pseudonymised.SUFFIX beside it.", dir_okay=False)
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Id of an older key, to join with a file pseudonymised before a rotation.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy a file with pseudonyms under DATAELEC_PSEUDONYM_KEY; report what looks personal and was not treated."""
    from dataelec_assets.commands.pseudonymise import pseudonymise as run

    done = run(file, columns, to=to, key=key)
    if as_json:
        print_json(done.as_dict())
    else:
        print_table(
            {name: name for name in ("column", "state", "field", "values", "distinct")}, done.rows, as_json=False
        )
    for warning in done.warnings:
        remark(warning, "yellow")
    if not as_json:
        say_all(done.lines)


@app.command()
@foreseeable
def add(
    portal: Annotated[str, typer.Argument(help="Short name of the portal, such as odre.")],
    dataset: Annotated[str, typer.Argument(help="The data set (portal id).")],
    sample: Annotated[
        Path | None, typer.Option(help="A CSV, JSON or Parquet file of the data set; else the portal is asked.")
    ] = None,
) -> None:
    """Write the entry, the staging model and a fixture of a new data set, to be edited (in a checkout)."""
    from dataelec_assets.commands.add import add_dataset
    from dataelec_assets.run_context import RunContext
    from dataelec_assets.settings import load_settings

    say_all(add_dataset(RunContext(load_settings()), portal, dataset, sample))


@app.command("import-indicators")
@foreseeable
def import_indicators(
    file: Annotated[Path | None, typer.Argument(help="CSV or XLSX, one value per line.", dir_okay=False)] = None,
    *,
    owner: Annotated[str | None, typer.Option(help="Whose file it is: shown with every value.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the import, else that of the file; a second one replaces the first.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be accepted and refused.")] = False,
    show: Annotated[bool, typer.Option("--list", help="List the imports.")] = False,
    withdrawn: Annotated[str | None, typer.Option("--withdraw", help="Serve nothing more of this import.")] = None,
    template: Annotated[
        Path | None, typer.Option(help="Write a template to fill in, CSV or XLSX by its suffix.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Import indicators of your own: checked, kept with vintages, served with their owner's name."""
    from dataelec_assets.commands import import_indicators as commands

    commands.chosen_action(file, owner, show, withdrawn, template)
    if template is not None:
        from dataelec_assets.ingest.imports.template import write_template

        write_template(template)
        say(f"{template}")
    elif show:
        print_table(commands.LISTED, commands.listed(), as_json=as_json)
    elif withdrawn is not None:
        print_outcome(commands.withdraw_import(withdrawn), as_json=as_json)
    elif file is not None and owner is not None:
        outcome = commands.import_file(file, owner, name=name, dry_run=dry_run)
        if as_json:
            print_json(outcome.as_dict())
        else:
            if outcome.rows:
                print_table(commands.REFUSED, outcome.rows, as_json=False)
            say_all([*outcome.remarks, *outcome.lines])
        if outcome.exit_code:
            raise typer.Exit(outcome.exit_code)


@app.command()
@foreseeable
def doctor(
    live: Annotated[
        bool, typer.Option("--live", help="Ask the portals for every data set, and compare with the catalogue.")
    ] = False,
    source: Sources = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="With --live: write what was found to this file, to be sent.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check settings, versions, folders, portals and the served file, and say what to do about each fault."""
    if live:
        _doctor_live(source, report, as_json=as_json)
        return
    if source or report:
        raise typer.BadParameter("--source and --report go with --live")
    from dataelec_assets.commands.doctor import advice, diagnose

    rows = diagnose()
    print_table({"check": "check", "result": "result", "detail": "detail"}, rows, as_json=as_json)
    for line in advice(rows):
        (remark if as_json else say)(line)
    if any(row["result"] == "fault" for row in rows):
        raise typer.Exit(EXIT_FAILED)


def _doctor_live(source: list[str] | None, report: Path | None, *, as_json: bool) -> None:
    from dataelec_assets.commands import doctor_live as commands
    from dataelec_assets.run_context import RunContext
    from dataelec_assets.settings import load_settings

    ctx = RunContext(load_settings())
    examined = commands.look(ctx, source)
    print_table(commands.COLUMNS, commands.rows_of(examined), as_json=as_json)
    if not as_json:
        say_all(commands.lines_of(examined))
    if report is not None:
        remark(commands.write_report(report, examined, ctx.now()))
    if code := commands.exit_code(examined):
        raise typer.Exit(code)


def main() -> None:
    """Run the command line."""
    collect_rarely()
    # A log file of dbt or Dagster on a full disk: one message says so, not a stack trace for each line.
    logging.raiseExceptions = False
    retries_once()
    app(prog_name="dataelec", args=sys.argv[1:])
