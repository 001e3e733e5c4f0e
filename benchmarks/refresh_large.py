"""A whole refresh of a history longer than the catalogue's: ``python -m benchmarks.refresh_large [ID …]``."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings

if __name__ == "__main__":
    catalog = Catalog([replace(each, history_start=date(1990, 1, 1)) for each in load_catalog().values()])
    ctx = RunContext(load_settings(), catalog)
    sys.exit(run_refresh(sys.argv[1:] or None, ctx=ctx, quiet=True).exit_code)
