"""`dataelec report`, without printing."""

from __future__ import annotations

from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings


def write_report(ctx: RunContext | None = None) -> list[str]:
    """Make the report of what is served, unless it is there; return closing words.

    Raises:
        DataElecError: nothing is served, or another process holds the lake for too long.
    """
    from dataelec_assets.serving.report import make_report

    report = make_report(ctx or RunContext(load_settings()))
    marked = " (synthetic data)" if report.synthetic else ""
    done = "Made" if report.is_new else "Up to date"
    return [f"{done}{marked}: {report.index}, {len(report.pages)} pages (publication {report.publication_id})."]
