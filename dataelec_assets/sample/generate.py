"""Write the synthetic France to a folder, one civil year at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from dataelec_assets.errors import SettingsError, WrongUsage
from dataelec_assets.sample.marker import MARKER, write_marker
from dataelec_assets.sample.portal_files import DatasetFile, PortalFiles
from dataelec_assets.sample.timeline import Horizon
from dataelec_assets.sample.world import create

_SHORTEST = 366  # days: consolidated, real-time and monthly sets all need some history


@dataclass(frozen=True, slots=True)
class Summary:
    """What was generated.

    Attributes:
        destination: folder, which holds a folder for each portal and ``SYNTHETIC.json``.
        start: first civil day.
        end: last civil day, that of ``now``; the real-time sets go one day further with forecasts.
        now: instant at which the portal is seen.
        seed: seed of all series.
        files: one per data set, in alphabetical order.
    """

    destination: Path
    start: date
    end: date
    now: datetime
    seed: int
    files: tuple[DatasetFile, ...]

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def __str__(self) -> str:
        """Return one line for the user."""
        datasets = {each.dataset_id for each in self.files}
        return (
            f"{len(self.files)} files of {len(datasets)} data sets in {self.destination}: "
            f"{self.rows:,} rows, {self.size / 1e6:.0f} MB, {self.start} to {self.end}, seed {self.seed}."
        )


def generate(
    destination: Path,
    *,
    start: date = date(2023, 1, 1),
    years: int = 3,
    now: datetime | None = None,
    seed: int = 20260101,
    scale: int = 1,
    faulty: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Summary:
    """Write the synthetic data sets under ``destination``, as their portals would publish them at ``now``.

    The same arguments give the same bytes. A later ``now`` gives the same France seen later: values stay, rows are
    added, real-time days become consolidated. So two calls make a portal before and after an update.

    Args:
        destination: folder; made if missing. Must be empty or hold an earlier synthetic France, which is replaced.
        start: first civil day.
        years: length of the history when ``now`` is None.
        now: instant at which the portal is seen, with a time zone; by default, noon UTC of the last of ``years`` years.
        seed: seed of all series.
        scale: how many times as long the history is: it begins ``(scale - 1) * years`` years earlier, ``now`` the same.
        faulty: put the faults of publishers into gross consumption and gas in storage (:mod:`.faulty`).
        progress: called with a short text before each long step.

    Returns:
        What was written.

    Raises:
        SettingsError: the folder holds other files, an argument is out of range, or the history is under a year.
    """
    horizon = _horizon(start, years, now, scale)
    _prepare(destination, horizon, seed)
    tell = progress or (lambda _: None)
    tell("météo")
    world = create(seed, horizon)
    with closing(PortalFiles(destination, faulty=faulty)) as files:
        for year in world.years:
            tell(f"puissances {year}")
            files.add_year(world, horizon, year)
        tell("temps réel et séries journalières")
        files.finish(world, horizon)
        tell("territoires et années")
        files.add_territories(destination, seed, horizon)
        files.add_weather(destination, seed, horizon)
        files.add_charging_points(destination, seed, horizon)
    return Summary(destination, horizon.start, horizon.today, horizon.now, seed, files.files())


def _horizon(start: date, years: int, now: datetime | None, scale: int) -> Horizon:
    if years < 1 or scale < 1:
        raise SettingsError("The synthetic history needs at least one year, and a scale of one.")
    if now is None:
        last = _shifted(start, years) - timedelta(days=1)
        now = datetime.combine(last, time(12), UTC)
    if now.tzinfo is None:
        raise SettingsError(f"The instant {now} has no time zone.")
    horizon = Horizon(_shifted(start, -(scale - 1) * years), now)
    if (horizon.tomorrow - horizon.start).days < _SHORTEST - 1:
        raise SettingsError(f"The synthetic history from {horizon.start} to {now} is under a year.")
    return horizon


def _shifted(day: date, years: int) -> date:
    # 29 February exists in leap years only: 1 March then.
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _prepare(destination: Path, horizon: Horizon, seed: int) -> None:
    marker = destination / MARKER
    if destination.exists() and any(destination.iterdir()) and not marker.is_file():
        raise WrongUsage(
            f"{destination} holds files that were not generated.",
            advice="Choose an empty folder: synthetic and published data are never mixed.",
        )
    destination.mkdir(parents=True, exist_ok=True)
    # The marker comes first: no synthetic file is ever seen without it.
    write_marker(destination, horizon, seed)
