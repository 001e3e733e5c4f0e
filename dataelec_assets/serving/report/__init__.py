"""The report: self-contained pages in French, charts as SVG with a table under each (docs/reference/rapport.md)."""

from __future__ import annotations

from dataelec_assets.serving.report.build import Report, is_current, make_report, previews, read_report, wanted
from dataelec_assets.serving.report.checks import faults_of

__all__ = ["Report", "faults_of", "is_current", "make_report", "previews", "read_report", "wanted"]
