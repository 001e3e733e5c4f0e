"""``dataelec doctor --live``: what portals show beside the catalogue, as a table, as JSON, as a report to send."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dataelec_assets import __version__
from dataelec_assets.commands.outcomes import chosen
from dataelec_assets.commands.printing import remark
from dataelec_assets.live.differences import Claim, day_of
from dataelec_assets.live.examine import Examined, examine
from dataelec_assets.portals.error_replies import Quota
from dataelec_assets.run_context import RunContext

COLUMNS = {
    "dataset_id": "data set",
    "state": "portal",
    "rows": "rows",
    "span": "first … last",
    "newest_edition": "newest edition",
    "licence": "licence",
    "quota_left": "calls left",
    "found": "differences",
}

EXIT_ABSENT, EXIT_PARTLY, EXIT_DIFFERENT = 3, 4, 5

# What a refresh finds out as well, and leaves with code 3.
_GONE: frozenset[Claim] = frozenset({"address", "edition"})

_WORDS = {"answers": "answers", "absent": "absent", "silent": "no answer", "off": "not asked"}


def look(ctx: RunContext, ids: Sequence[str] | None = None) -> list[Examined]:
    """Ask the portals, and say what is being waited for.

    Args:
        ctx: settings and catalogue.
        ids: of the data sets; None: every one.

    Raises:
        SettingsError: an id is not in the catalogue.
    """
    datasets = [each for each in chosen(ctx, ids) if not each.info.is_local]
    found = []
    for each in examine(ctx, datasets):
        found.append(each)
        remark(f"{len(found)}/{len(datasets)} {each.dataset.id}: {_verdict(each)}")
    return found


def rows_of(examined: Iterable[Examined]) -> list[dict[str, Any]]:
    """Return a row per data set, for the table and for JSON; what a portal does not say is None."""
    return [_row(each) for each in examined]


def _row(each: Examined) -> dict[str, Any]:
    shown = each.shown
    there = [key for key, is_there in shown.editions.items() if is_there]
    return {
        "dataset_id": each.dataset.id,
        "portal": each.dataset.portal,
        "state": _WORDS[shown.state],
        "message": shown.message,
        "title": shown.title,
        "publisher": shown.publisher,
        "licence": shown.licence,
        "version": shown.version,
        "rows": shown.rows,
        "first": shown.first,
        "last": shown.last,
        "span": _span(shown.first, shown.last),
        "newest_edition": max(there, default=None),
        "columns": [{"name": column.name, "label": column.label, "type": column.type} for column in shown.columns]
        or [{"name": name} for name in (shown.raw.header if shown.raw else ())],
        "quota_left": None if shown.quota is None else shown.quota.remaining,
        "quota": _quota(shown.quota),
        "found": len(each.differences) if shown.state == "answers" or each.differences else None,
        "differences": [
            {"claim": one.claim, "catalogue": one.catalogue, "portal": one.portal} for one in each.differences
        ],
    }


def _span(first: str | None, last: str | None) -> str | None:
    """Return two times as days in Paris; years stay as they are."""
    if first is None or last is None:
        return None
    return " … ".join(each if len(each) <= len("2024-01-01") else day_of(each).isoformat() for each in (first, last))


def _quota(quota: Quota | None) -> dict[str, Any] | None:
    if quota is None:
        return None
    reset = None if quota.reset_at is None else quota.reset_at.isoformat()
    return {"limit": quota.limit, "remaining": quota.remaining, "reset_at": reset}


def _verdict(each: Examined) -> str:
    if each.shown.state != "answers" and not each.differences:
        return _WORDS[each.shown.state]
    count = len(each.differences)
    return f"{count} difference{'s' * (count > 1)}" if count else "as the catalogue says"


def lines_of(examined: Iterable[Examined]) -> list[str]:
    """Return what differs and what could not be asked, one line each, and a last line that sums up."""
    known = list(examined)
    lines = [f"{each.dataset.id}: {difference}." for each in known for difference in each.differences]
    silent = [each for each in known if each.shown.state == "silent"]
    lines += [f"{each.dataset.id}: not looked at: {each.shown.message}" for each in silent]
    lines += [f"{each.dataset.id}: {each.shown.message}" for each in known if _is_partly_seen(each)]
    differing = sum(bool(each.differences) for each in known)
    asked = sum(each.shown.state in ("answers", "absent") for each in known)
    lines.append(
        f"{asked} of {len(known)} data sets looked at: {differing} differ from the catalogue, "
        f"{len(silent)} could not be asked."
    )
    return lines


def _is_partly_seen(each: Examined) -> bool:
    return each.shown.state == "answers" and each.shown.message is not None


def exit_code(examined: Iterable[Examined]) -> int:
    """Return 4 when a portal could not be asked, 5 when one differs, 3 when data sets or editions are gone, else 0."""
    known = list(examined)
    if any(each.shown.state == "silent" for each in known):
        return EXIT_PARTLY
    claims = {difference.claim for each in known for difference in each.differences}
    return EXIT_DIFFERENT if claims - _GONE else EXIT_ABSENT if claims else 0


def report_of(examined: Iterable[Examined], now: datetime) -> str:
    """Return the same as Markdown, to be sent: no key, no path and no address but the portals' is in it."""
    known = list(examined)
    lines = [
        "# What the portals publish, beside DataElec's catalogue",
        "",
        f"DataElec {__version__}, {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}.",
        "",
        "| data set | portal | rows | first | last | newest edition | licence | version |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows_of(known):
        fields = ("dataset_id", "state", "rows", "first", "last", "newest_edition", "licence", "version")
        lines.append(f"| {' | '.join(_cell(row[name]) for name in fields)} |")
    lines += ["", "## Differences and faults", ""]
    lines += [f"- {_cell(line)}" for line in lines_of(known)]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def write_report(path: Path, examined: Iterable[Examined], now: datetime) -> str:
    """Write the report and return a line that says so.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(report_of(examined, now), encoding="utf-8")
    return f"Report: {path}; it holds no key and no path, and can be sent."
