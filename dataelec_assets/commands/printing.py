"""How commands print: tables or JSON, closing words, faults as one message."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import typer

from dataelec_assets.errors import DataElecError

if TYPE_CHECKING:
    from dataelec_assets.commands.outcomes import RefreshOutcome

EXIT_FAILED = 1

P = ParamSpec("P")


def say(line: str) -> None:
    """Print one line as it is."""
    typer.echo(line)


def remark(line: str, colour: str | None = None) -> None:
    """Print one line beside the results, in a colour where the terminal shows colours and the user wants them."""
    typer.secho(line, err=True, fg=None if os.environ.get("NO_COLOR") else colour)


def say_all(lines: Iterable[str]) -> None:
    """Print some lines as they are."""
    for line in lines:
        say(line)


def foreseeable(command: Callable[P, None]) -> Callable[P, None]:
    """Show foreseeable faults as one message, without a stack trace."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except DataElecError as error:
            remark(f"error: {error}", "red")
            raise typer.Exit(EXIT_FAILED) from error
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # of a reader who has seen enough, such as `head`
                raise
            from dataelec_assets.disk import cannot_write

            fault = cannot_write(Path.cwd(), error)
            remark(f"error: {fault}", "red")
            raise typer.Exit(EXIT_FAILED) from error
        except KeyboardInterrupt:
            remark("interrupted; the next refresh takes up where this one stood.")
            raise typer.Exit(130) from None

    return guarded


def print_table(columns: dict[str, str], rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows as JSON (every field) or as a table of ``columns`` (field → heading)."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*("" if row[name] is None else f"{row[name]}" for name in columns))
    Console().print(table)


def print_outcome(outcome: RefreshOutcome, *, as_json: bool) -> None:
    """Print what a refresh did, and leave with its exit code."""
    if as_json:
        typer.echo(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=1, default=str))
    else:
        headings = ("data set", "outcome", "fetched", "changed", "rows")
        fields = ("dataset_id", "outcome", "fetched", "changed", "rows")
        if outcome.sources:
            print_table(dict(zip(fields, headings, strict=True)), outcome.sources, as_json=False)
    for row in outcome.sources:
        for text in [*row["warnings"], *([row["error"]] if row["error"] else [])]:
            named = text if text.startswith(row["dataset_id"]) else f"{row['dataset_id']}: {text}"
            remark(named, "yellow")
    if not as_json:
        say_all(outcome.lines)
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)
