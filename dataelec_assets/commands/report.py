"""`dataelec report`, without printing."""

from __future__ import annotations

from typing import Any

from dataelec_assets.lake.locks import freshen
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings


def write_report(ctx: RunContext | None = None) -> tuple[dict[str, Any], list[str]]:
    """Make the report of what is served, unless it is there; return what it is, and closing words.

    Raises:
        DataElecError: nothing is served, or another process holds the lake for too long.
    """
    from dataelec_assets.serving.report import make_report

    ctx = ctx or RunContext(load_settings())
    freshen(ctx.paths)
    ctx.paths.require()
    report = make_report(ctx)
    marked = " (synthetic data)" if report.synthetic else ""
    done = "Made" if report.is_new else "Up to date"
    content = {
        "index": str(report.index),
        "pages": list(report.pages),
        "publication_id": report.publication_id,
        "synthetic": report.synthetic,
        "is_new": report.is_new,
        "territories_written": len(report.territories.written),
        "territories_kept": report.territories.kept,
    }
    said = [f"{done}{marked}: {report.index}, {len(report.pages)} pages (publication {report.publication_id})."]
    if report.is_new:
        written, kept = content["territories_written"], content["territories_kept"]
        said.append(f"Territories: {written:,} files written, {kept:,} kept, whose figures have not moved.")
    return content, said
