"""What went wrong with sources, said once: a network that is down is one line for each portal, not one for each set."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from dataelec_assets.catalog import PORTALS
from dataelec_assets.run_context import RunContext

# As `portals.connection` words it: the address, then how long was waited or what the machine said.
_AWAY = re.compile(
    r"no connection to (?P<url>https?://\S+?)(?:: (?P<cause>.+?)| within (?P<wait>\S+ s))"
    r"(?= \(after \d+ attempts\)| \[http|$)",
    re.DOTALL,
)

# What was asked for, at a portal or in a folder.
_REQUEST = re.compile(r" \[(?=https?://|/)")

ADVICE = "Check the network (proxy, firewall) and the portals' addresses; what was loaded before stays served."


def unreached(message: str | None) -> tuple[str, str] | None:
    """Return which address could not be reached at all, and why, when a message says so; else None."""
    # A certificate that nobody trusts has advice of its own.
    if message is None or "CERTIFICATE_VERIFY_FAILED" in message or (found := _AWAY.search(message)) is None:
        return None
    return found["url"], re.sub(r"\[Errno [^\]]*\] ", "", found["cause"] or f"no answer within {found['wait']}")


def complaints(ctx: RunContext, told: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines to print.

    Args:
        ctx: the addresses of the portals.
        told: data set and message, in order.

    Returns:
        One line per portal that could not be reached, under its cause, and what to do; one line per other fault, with
        the data sets that share it.
    """
    away: dict[str, dict[str, set[str]]] = {}
    others: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for dataset_id, message in told:
        if (found := unreached(message)) is not None:
            url, cause = found
            away.setdefault(cause, {}).setdefault(url, set()).add(dataset_id)
        else:
            others.setdefault(_shared(dataset_id, message), []).append((dataset_id, message))
    lines = [_line(head, advice, told) for (head, advice), told in others.items()]
    for cause, portals in away.items():
        lines.append(f"No connection ({cause}):")
        lines += [f"  {_portal(ctx, url)}: {len(ids)} data set{'s' * (len(ids) > 1)}" for url, ids in portals.items()]
    return [*lines, *([ADVICE] if away else [])]


def _shared(dataset_id: str, message: str) -> tuple[str, str]:
    """Return what a message has in common with those of other data sets: fault and advice, without the request."""
    head, *rest = _REQUEST.split(message.removeprefix(f"{dataset_id}: "), maxsplit=1)
    return head, "".join(rest).partition("] ")[2]


def _line(head: str, advice: str, told: list[tuple[str, str]]) -> str:
    if len(told) == 1:
        ((dataset_id, message),) = told
        return message if message.startswith(dataset_id) else f"{dataset_id}: {message}"
    ids = list(dict.fromkeys(dataset_id for dataset_id, _ in told))
    return f"{', '.join(ids)}: {head}{'' if head.endswith('.') else '.'} {advice}".rstrip()


def _portal(ctx: RunContext, url: str) -> str:
    """Return the name and the host of a portal; the host alone when no portal lies there."""
    host = urlsplit(url).netloc
    name = next((info.name for key, info in PORTALS.items() if ctx.settings.portal_url(key) == url), None)
    return f"{name}, {host}" if name and name != host else host
