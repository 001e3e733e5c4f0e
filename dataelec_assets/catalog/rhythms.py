"""How each cadence is followed: when a source is asked, and from when on its copy may be behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dataelec_assets.catalog.dataset import Cadence


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a cadence is followed.

    Attributes:
        poll: time between two questions to the portal.
        warn, fail: time without an answer after which a copy is perhaps, or certainly, behind its publisher.
    """

    poll: timedelta
    warn: timedelta
    fail: timedelta


# ODRÉ allows 50,000 calls per data set and month. A real-time set costs at most six calls each quarter of an hour
# (metadata, groups, two exports, two counts), 18,000 a month; the others, asked four times a day, some hundreds.
# A copy is perhaps behind once a publication was due (one cadence, and a little for the run itself), certainly after
# two; real time is given three hours, the lag that its publisher has himself.
RHYTHMS: dict[Cadence, Rhythm] = {
    "quarter-hourly": Rhythm(timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3)),
    "hourly": Rhythm(timedelta(hours=1), timedelta(hours=3), timedelta(hours=6)),
    # A forecast is another one each time the models behind it have run: every six hours for those of a week.
    "six-hourly": Rhythm(timedelta(hours=6), timedelta(hours=14), timedelta(hours=26)),
    "daily": Rhythm(timedelta(hours=2), timedelta(hours=26), timedelta(hours=50)),
    "monthly": Rhythm(timedelta(hours=6), timedelta(days=32), timedelta(days=62)),
    "yearly": Rhythm(timedelta(days=1), timedelta(days=367), timedelta(days=732)),
}
