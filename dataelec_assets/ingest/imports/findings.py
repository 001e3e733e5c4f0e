"""What is found in an imported file: accepted lines, refused ones, remarks."""

from __future__ import annotations

from dataclasses import dataclass

from dataelec_assets.ingest.imports.values import Marker

# Characters of a value that a report shows.
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Accepted:
    """A line that is kept.

    Attributes:
        number: of the line.
        code: code of the indicator as it is served, with its owner.
        label, unit, nature, source: of the indicator, the same on all its lines.
        grain, place: the territory.
        year: of the value.
        value: null with a marker.
        marker: ``secret`` or ``absent``.
    """

    number: int
    code: str
    label: str
    unit: str
    nature: str
    source: str
    grain: str
    place: str
    year: int
    value: float | None
    marker: Marker | None

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What may stand in one line only."""
        return self.code, self.grain, self.place, self.year


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that is not kept; texts in French.

    Attributes:
        line: its number.
        column: where the fault is.
        value: what stands there, shortened.
        reason: why it is refused.
        advice: what to do.
    """

    line: int
    column: str
    value: str
    reason: str
    advice: str


def shown(text: str) -> str:
    """Return a text as a report may show it: one line, not too long."""
    plain = "".join(each if each.isprintable() else " " for each in text)
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 1]}…"


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a file.

    Attributes:
        accepted: lines that are kept, in the file's order.
        refused: the others, in the file's order.
        remarks: what was read otherwise than it is written, in French.
    """

    accepted: tuple[Accepted, ...]
    refused: tuple[Refusal, ...]
    remarks: tuple[str, ...]
