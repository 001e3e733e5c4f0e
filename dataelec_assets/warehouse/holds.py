"""What is in quarantine now, for users and checks: read from small files, without a database or a build."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dataelec_assets.lake.quarantine import Hold
from dataelec_assets.run_context import RunContext


def in_force(ctx: RunContext) -> list[Hold]:
    """Return the holds that matter now: those of the newest vintage of their partition, accepted or not."""
    newest: dict[tuple[str, str], str | None] = {}
    found = []
    for each in ctx.quarantine.holds():
        key, dataset = (each.dataset_id, each.partition), ctx.catalog.get(each.dataset_id)
        if key not in newest:
            names = ctx.raw.names(dataset, each.partition) if dataset is not None else []
            newest[key] = names[-1] if names else None
        if newest[key] == each.vintage:
            found.append(each)
    return found


def describe_holds(ctx: RunContext, holds: Iterable[Hold]) -> list[str]:
    """Return a line on each hold: data set, partition, row and value, what was wanted, what is served, what to do."""
    sound, lines = ctx.sound, []
    for each in holds:
        name = f"{each.dataset_id} {each.partition}"
        if each.accepted:
            lines.append(f"{name} is served in spite of {each.rule}: {each.found}.")
            continue
        served = sound.newest(each.dataset_id, each.partition)
        since = datetime.fromisoformat(each.since)
        instead = f"The vintage of {served.known_at:%Y-%m-%d %H:%M} UTC is served" if served else "It is left out"
        lines.append(
            f"{name} is in quarantine since {since:%Y-%m-%d %H:%M} UTC: {each.rows} row(s) fail "
            f"{each.rule} ({each.found}; wanted: {each.wanted}). {instead}. It lifts by itself when the publisher "
            f"changes it; `dataelec accept {name}` takes it as it is."
        )
    return lines
