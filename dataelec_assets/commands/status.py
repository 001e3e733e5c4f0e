"""`dataelec status`, without printing."""

from __future__ import annotations

from typing import Any

from dataelec_assets.commands.outcomes import doubts, named
from dataelec_assets.ingest.cadence import due_at
from dataelec_assets.ingest.editions import editions_wanting
from dataelec_assets.ingest.freshness import age_of
from dataelec_assets.ingest.observe import remembered_plan
from dataelec_assets.lake.state import load_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.holds import in_force
from dataelec_assets.warehouse.publication import read_publication


def source_status(ctx: RunContext | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Return one row per source from the lake alone, and closing words on what is served."""
    ctx = ctx or RunContext(load_settings())
    rows: list[dict[str, Any]] = []
    holds = in_force(ctx)
    for dataset in ctx.catalog.values():
        state, head = load_state(ctx.paths, dataset), ctx.parquet.head(dataset)
        last_measured = head.last_measured if head else None
        age, why_off = age_of(dataset, last_measured, ctx.now()), ctx.why_off(dataset)
        is_off = why_off is not None
        plan = remembered_plan(ctx, dataset)
        quarantine = sorted({each.partition for each in holds if each.dataset_id == dataset.id and not each.accepted})
        due = due_at(dataset, state)
        rows.append(
            {
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
                "last_measured": last_measured,
                "age": age.status if head and not is_off else None,
                "age_detail": age.text if head and not is_off else None,
                "checked_at": state.checked_at,
                "next_check": due.isoformat() if due and not is_off else None,
                "failures": state.failures,
                "failing_since": state.failing_since,
                "version": state.version,
                "observed": state.observed,
                "message": None if is_off else state.message,
            }
        )
    served = read_publication(ctx.paths.served_file)
    lines = [named(row["dataset_id"], row["message"]) for row in rows if row["message"]]
    lines.extend(doubts(ctx))
    lines += [
        f"{row['dataset_id']}: {row['not_loaded']} row(s) at the portal are not loaded; `dataelec refresh` says why."
        for row in rows
        if row["not_loaded"]
    ]
    lines += [named(each.id, text) for each in ctx.catalog.values() for text in editions_wanting(ctx, each)]
    if served is None:
        lines.append("Nothing is served yet: run `dataelec refresh`.")
    else:
        marked = " (synthetic data)" if served.synthetic else ""
        when = f"{served.published_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"Served{marked}: {served.path}, publication {served.publication_id} of {when}.")
    return rows, lines
