"""Resources: what assets and jobs are given. No asset logic here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dataelec_assets.ingest.observe import Observation
from dataelec_assets.pipeline import Outcome
from dataelec_assets.portals.progress import Progress, SilentProgress
from dataelec_assets.run_context import RunContext


@dataclass
class Journal:
    """What the command line tells a run that it starts, and what the run did; runs of the UI have an empty one.

    Attributes:
        progress: where downloads show their advance.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        observations: what the portals said when the refresh was planned; whoever fills it holds the refresh lock.
        partitions: per data set, what a backfill asks for.
        from_scratch: read every vintage again, build every table again, without network.
        outcome: what was done.
    """

    progress: Progress = field(default_factory=SilentProgress)
    accept_shrink: bool = False
    observations: Sequence[Observation] | None = None
    partitions: Mapping[str, Iterable[str]] | None = None
    from_scratch: bool = False
    outcome: Outcome | None = None


def resources(ctx: RunContext, journal: Journal) -> dict[str, object]:
    """Return the resources by key."""
    return {"ctx": ctx, "journal": journal}
