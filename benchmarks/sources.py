"""Sources of a slow portal fetched side by side, against the same sources one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.ingest.side_by_side import Download, Downloads
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample import generate
from dataelec_assets.settings import Settings
from tests.published import publish_folder, stub

# Seconds that the portals take for each answer: a public portal takes a quarter to one second for an export of a month.
LATENCY = 0.5

# Least gain. The portal with the most months bounds it: it is asked four at a time in both cases.
LEAST = 2.0


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Fetch a year of the synthetic France twice into empty lakes."""
    data = generate(folder / "data", years=1).destination
    with stub() as portal:
        publish_folder(portal, data, folder / "read")
        portal.fail(f"hang:{LATENCY}")
        addresses: dict[str, Any] = {**portal.addresses}
        ctx = RunContext(Settings(lake=folder / "alone", **addresses))
        there = [each.dataset for each in observe_sources(ctx, ctx.catalog.values()) if each.plan.to_fetch]
        alone = sum(_seconds(ctx, [dataset]) for dataset in there)
        together = _seconds(replace(ctx, settings=replace(ctx.settings, lake=folder / "together")), there)
    gain = alone / together
    portals = len({each.portal for each in there})
    yield (
        f"{len(there)} sources, {portals} portals that answer after {LATENCY:g} s: one after the other / side by side",
        f"{alone:.1f} s / {together:.1f} s",
        f"× {gain:.2f}",
        f"≥ {LEAST:g}: {'yes' if gain >= LEAST else '**no**'}",
    )


def _seconds(ctx: RunContext, datasets: Sequence[Dataset]) -> float:
    start = time.perf_counter()
    seen = observe_sources(ctx, datasets)
    wanted = [Download(each, tuple(stale.partition for stale in each.plan.to_fetch)) for each in seen]
    with closing(Downloads(ctx, wanted, SilentProgress())) as downloads:
        reports = [downloads.report_of(each.dataset.id) for each in seen]
    faults = [report.error for report in reports if report is not None and report.error]
    if faults:
        raise RuntimeError(" ".join(faults))
    return time.perf_counter() - start
