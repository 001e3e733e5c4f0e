"""How commands print: tables or JSON, closing words, faults as one message."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import typer

from dataelec_assets.commands.layout import table, width, wrapped
from dataelec_assets.errors import DataElecError

if TYPE_CHECKING:
    from dataelec_assets.commands.outcomes import RefreshOutcome

EXIT_FAILED = 1

P = ParamSpec("P")


def say(line: str) -> None:
    """Print one line, in as many as the terminal needs."""
    for part in wrapped(line, width()):
        typer.echo(part)


def say_all(lines: Iterable[str]) -> None:
    """Print some lines."""
    for line in lines:
        say(line)


def remark(line: str, colour: str | None = None) -> None:
    """Print one line beside the results, in a colour where the terminal shows colours and the user wants them."""
    for part in wrapped(line, width()):
        typer.secho(part, err=True, fg=None if os.environ.get("NO_COLOR") else colour)


class _Once(logging.Handler):
    """Tells each fault once, whoever meets it and however often; the fault is the second argument of the message."""

    def __init__(self) -> None:
        super().__init__()
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Print the message of a fault that is new."""
        fault = str(record.args[1]) if isinstance(record.args, tuple) and len(record.args) > 1 else record.getMessage()
        if fault not in self._told:
            self._told.add(fault)
            remark(record.getMessage())


def retries_once() -> None:
    """Show that a portal is asked again once per fault: without network, each data set would repeat it three times."""
    logging.getLogger("dataelec_assets.portals.retries").addHandler(_Once())


def print_json(content: Any) -> None:
    """Print a result for programs: it is all that the standard output holds."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1, default=str))


def foreseeable(command: Callable[P, None]) -> Callable[P, None]:
    """Show foreseeable faults as one message, without a stack trace."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except DataElecError as error:
            remark(f"error: {error}", "red")
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # of a reader who has seen enough, such as `head`
                raise
            from dataelec_assets.disk import cannot_write

            fault = cannot_write(Path.cwd(), error)
            remark(f"error: {fault}", "red")
            raise typer.Exit(fault.exit_code) from error
        except KeyboardInterrupt:
            remark("interrupted; the next refresh takes up where this one stood.")
            raise typer.Exit(130) from None

    return guarded


def print_result(content: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Print a result for programs, or what to say of it."""
    if as_json:
        print_json(content)
    else:
        say_all(lines)


def print_table(columns: dict[str, str], rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows as JSON (every field) or as a table of ``columns`` (field → heading)."""
    if as_json:
        print_json(rows)
        return
    for line in table(list(columns.values()), [[_cell(row[name]) for name in columns] for row in rows], width()):
        typer.echo(line)


def _cell(value: object) -> str:
    return "" if value is None else f"{value:,}" if type(value) is int else str(value)


def print_outcome(outcome: RefreshOutcome, *, as_json: bool) -> None:
    """Print what a refresh did, and leave with its exit code."""
    if as_json:
        print_json(outcome.as_dict())
    else:
        from dataelec_assets.commands.complaints import unreached  # not for `--help`

        headings = {"dataset_id": "data set"} | {name: name for name in ("outcome", "fetched", "changed", "rows")}
        if rows := [row for row in outcome.sources if unreached(row["error"]) is None]:
            print_table(headings, rows, as_json=False)
    for line in outcome.remarks:
        remark(line, "yellow")
    if not as_json:
        say_all(outcome.lines)
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)
