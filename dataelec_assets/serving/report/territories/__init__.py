"""Pages of départements, EPCI and communes, and the search for a territory (docs/decisions/0062)."""

from __future__ import annotations

from dataelec_assets.serving.report.territories.folder import Folder, Written
from dataelec_assets.serving.report.territories.frame import Frame, read_template
from dataelec_assets.serving.report.territories.writing import FOLDER, write_territories

__all__ = ["FOLDER", "Folder", "Frame", "Written", "read_template", "write_territories"]
