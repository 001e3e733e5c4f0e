"""Resources: what assets are given. No asset logic here."""

from __future__ import annotations

from dataclasses import dataclass, field

from dataelec_assets.house import House
from dataelec_assets.portals.progress import Progress, SilentProgress
from dataelec_assets.refresh.copies import CopyReport
from dataelec_assets.refresh.sources import PortalView, SourceReport
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.publish import Publication


@dataclass
class Journal:
    """What a run did, for the command line that started it; the UI reads the same facts in the events.

    Attributes:
        progress: where downloads show their advance.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        views: what the portals said when the refresh was planned; the UI's runs have none and ask for themselves.
        from_scratch: read every vintage again, build every table again.
    """

    progress: Progress = field(default_factory=SilentProgress)
    accept_shrink: bool = False
    from_scratch: bool = False
    views: dict[str, PortalView] = field(default_factory=dict)
    sources: dict[str, SourceReport] = field(default_factory=dict)
    copies: list[CopyReport] = field(default_factory=list)
    build: BuildReport | None = None
    publication: Publication | None = None

    def add(self, report: SourceReport) -> None:
        """Add the report of one run of a source to those of its other runs."""
        known = self.sources.get(report.dataset_id)
        self.sources[report.dataset_id] = report if known is None else known.joined(report)


def resources(house: House, journal: Journal) -> dict[str, object]:
    """Return the resources by key."""
    return {"house": house, "journal": journal}
