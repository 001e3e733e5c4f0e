"""`dataelec status`, without printing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.commands.complaints import complaints
from dataelec_assets.commands.outcomes import doubts
from dataelec_assets.ingest.cadence import due_at
from dataelec_assets.ingest.editions import editions_wanting
from dataelec_assets.ingest.freshness import age_of, describe_span
from dataelec_assets.ingest.observe import remembered_plan
from dataelec_assets.lake.locks import freshen
from dataelec_assets.lake.quarantine import Hold
from dataelec_assets.lake.state import load_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.holds import in_force
from dataelec_assets.warehouse.publication import Publication, read_publication

# Data sets that a line names; the others are counted, and `--all` shows them.
_NAMED = 3

COLUMNS = {
    "dataset_id": "data set",
    "status": "status",
    "stale": "stale",
    "rows": "rows",
    "newest": "newest",
    "age": "age",
    "asked": "asked",
}


def source_status(ctx: RunContext | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Return one row per source from the lake alone, and what to say: what is wrong first, one line when nothing is."""
    ctx = ctx or RunContext(load_settings())
    freshen(ctx.paths)
    holds = in_force(ctx)
    rows = [_row(ctx, dataset, holds) for dataset in ctx.catalog.values()]
    served = read_publication(ctx.paths.served_file)
    if served is None and not ctx.paths.root.is_dir():
        return rows, [f"There is no lake in {ctx.place}: run `dataelec refresh`, or set DATAELEC_LAKE."]
    wrong = [*doubts(ctx), *_complaints(ctx, rows), *_to_do(rows)]
    if served is None:
        return rows, [*wrong, "Nothing is served yet: run `dataelec refresh`."]
    if not wrong:
        return rows, [_all_is_well(ctx, rows, served)]
    marked = " (synthetic data)" if served.synthetic else ""
    when = _ago(ctx, served.published_at)
    return rows, [
        *wrong,
        f"Served{marked}: {_where(ctx, served)}, publication {served.publication_id}, {when}.",
    ]


def _where(ctx: RunContext, served: Publication) -> str:
    is_copy = ctx.settings.bucket is not None
    return f"{served.path} (the copy of {ctx.place} on this machine)" if is_copy else str(served.path)


def _all_is_well(ctx: RunContext, rows: Iterable[dict[str, Any]], served: Publication) -> str:
    asked = [datetime.fromisoformat(row["checked_at"]) for row in rows if row["checked_at"] and row["next_check"]]
    when = f" asked {_ago(ctx, max(asked))}" if asked else ""
    marked = " (synthetic)" if served.synthetic else ""
    return f"All is well: {len(asked)} data sets{when}, published {_ago(ctx, served.published_at)}{marked}."


def _complaints(ctx: RunContext, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with sources, the worst first."""
    by_id = {row["dataset_id"]: row for row in rows}
    yield from complaints(ctx, ((name, row["message"]) for name, row in by_id.items() if row["message"]))
    for verdict in ("fail", "warn"):
        yield from (f"{name}: {row['age_detail']}." for name, row in by_id.items() if row["age"] == verdict)
    for name, row in by_id.items():
        if row["not_loaded"]:
            yield f"{name}: {row['not_loaded']:,} row(s) at the portal are not loaded; `dataelec refresh` says why."
    yield from complaints(
        ctx, ((each.id, text) for each in ctx.catalog.values() for text in editions_wanting(ctx, each))
    )


def _to_do(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield what a refresh would do as far as is known, in a line each."""
    known = list(rows)
    if stale := [row for row in known if row["stale"]]:
        count = sum(row["stale"] for row in stale)
        yield f"{count:,} partition(s) to renew of {_some(stale)}: `dataelec refresh` fetches them."
    if never := [row for row in known if row["status"] == "never"]:
        yield f"Never asked: {_some(never)}."


def _some(rows: list[dict[str, Any]]) -> str:
    names = ", ".join(row["dataset_id"] for row in rows[:_NAMED])
    return names if len(rows) <= _NAMED else f"{names} and {len(rows) - _NAMED} more"


def _ago(ctx: RunContext, instant: datetime) -> str:
    return f"{describe_span(ctx.now() - instant)} ago"


def _aged(days: float | None) -> str:
    return "" if days is None else describe_span(timedelta(days=days))


def shown(ctx: RunContext, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows as a table for people: ages beside dates, no seconds."""
    verdicts = {None: "", "pass": "", "warn": ", late", "fail": ", too late"}
    return [
        {
            **row,
            "stale": row["stale"] or None,
            "rows": row["rows"] or None,
            "newest": (row["last_measured"] or "")[: len("2024-01-31")],
            "age": "synthetic" if row["synthetic"] else _aged(row["age_days"]) + verdicts[row["age"]],
            "asked": _ago(ctx, datetime.fromisoformat(row["checked_at"])) if row["checked_at"] else None,
        }
        for row in rows
    ]


def _row(ctx: RunContext, dataset: Dataset, holds: Iterable[Hold]) -> dict[str, Any]:
    state, head = load_state(ctx.paths, dataset), ctx.parquet.head(dataset)
    last_measured = head.last_measured if head else None
    why_off = ctx.why_off(dataset)
    is_off = why_off is not None
    # The clock of invented data stands still: they have no age.
    age = None if state.synthetic or is_off or head is None else age_of(dataset, last_measured, ctx.now())
    plan = remembered_plan(ctx, dataset)
    quarantine = sorted({each.partition for each in holds if each.dataset_id == dataset.id and not each.accepted})
    due = due_at(dataset, state)
    return {
        "dataset_id": dataset.id,
        "status": why_off or state.status,
        "stale": len(plan.stale),
        "reasons": plan.reasons(),
        "quarantine": quarantine,
        "partitions": head.partitions if head else 0,
        "rows": head.rows if head else 0,
        "not_loaded": state.not_loaded or 0,
        "missing": state.missing,
        "overdue": state.overdue,
        "synthetic": state.synthetic,
        "last_measured": last_measured,
        "age": age.status if age else None,
        "age_days": round(age.age / timedelta(days=1), 2) if age and age.age is not None else None,
        "age_detail": age.text if age else None,
        "checked_at": state.checked_at,
        "next_check": due.isoformat() if due and not is_off else None,
        "failures": state.failures,
        "failing_since": state.failing_since,
        "version": state.version,
        "observed": state.observed,
        "message": None if is_off else state.message,
    }
