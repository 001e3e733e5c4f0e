"""Hourly files of Météo-France, made by hand with the header of the real ones."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

# As far as columns that are read, in their places among others; a real file has some 196.
HEADER = "NUM_POSTE;NOM_USUEL;LAT;LON;ALTI;AAAAMMJJHH;RR1;QRR1;DRR1;QDRR1;FF;QFF;DD;QDD;T;QT;TD;QTD;U;QU;PMER;QPMER"
_NAMES = HEADER.split(";")


@dataclass(frozen=True)
class Station:
    """A station, and what it measured from an hour on: the same each hour but for the exceptions."""

    number: str
    latitude: float
    longitude: float
    name: str = "POSTE"
    first: datetime = datetime(2026, 3, 1, tzinfo=UTC)
    hours: int = 48
    t: str = "8.5"
    except_at: Mapping[datetime, Mapping[str, str]] = field(default_factory=dict)

    def lines(self) -> Iterable[str]:
        for each in range(self.hours):
            at = self.first + timedelta(hours=each)
            measured = {"T": self.t, "QT": "1", "RR1": "0.2", "QRR1": "9", "FF": "3.4", "QFF": "1", "U": "80"}
            row = {
                "NUM_POSTE": self.number,
                "NOM_USUEL": self.name,
                "LAT": f"{self.latitude:.6f}",
                "LON": f"{self.longitude:.6f}",
                "ALTI": "75",
                "AAAAMMJJHH": f"{at:%Y%m%d%H}",
                **measured,
                **self.except_at.get(at, {}),
            }
            yield ";".join(row.get(name, "") for name in _NAMES)


def file_of(*stations: Station, header: str = HEADER) -> bytes:
    """Return a file of a département, gzipped."""
    lines = [header, *(line for station in stations for line in station.lines())]
    return gzip.compress(("\n".join(lines) + "\n").encode("latin-1"), mtime=0)
