"""What a folder says of a data set, as its memory holds it: nothing here reads a file of data."""

from __future__ import annotations

from dataclasses import dataclass

from dataelec_assets.portals.client import DatasetMetadata
from dataelec_assets.portals.fingerprints import Survey


@dataclass(frozen=True, slots=True)
class Look:
    """What a folder says of a data set."""

    metadata: DatasetMetadata
    survey: Survey


class Stopping(Exception):
    """The reading was called off."""
