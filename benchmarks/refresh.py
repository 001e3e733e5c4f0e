"""A whole refresh that tells its imports apart: ``python -m benchmarks.refresh [--copies N] [ID …]`` prints JSON.

As ``dataelec refresh --quiet`` in the folders of the environment, with a history that may be longer than the
catalogue's, and with N more data sets: copies of the gas in storage under other names, which no model reads.
With ``--definitions`` Dagster's definitions of that catalogue are built, and nothing is refreshed.
"""

from __future__ import annotations

from benchmarks import import_clock

if __name__ == "__main__":  # before there is anything to import
    import_clock.start()

import argparse
import json
import resource
import sys
from dataclasses import replace
from datetime import date

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.collector import collect_rarely
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings

# Longer than any history that is measured.
START = date(1900, 1, 1)

# What is copied: a few rows a month.
COPIED = "stock-quotidien-stockages-gaz"


def copies(number: int) -> list[str]:
    """Return the ids of copied data sets."""
    return [f"copie-{each:03d}" for each in range(number)]


def context(number: int) -> RunContext:
    """Return the catalogue with a longer history and copied data sets, in the folders of the environment."""
    known = load_catalog()
    more = [replace(known[COPIED], id=each) for each in copies(number)]
    return RunContext(
        load_settings(), Catalog([replace(each, history_start=START) for each in (*known.values(), *more)])
    )


def main() -> int:
    """Refresh, print CPU-seconds of the process and of its imports, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--definitions", action="store_true")
    chosen = parser.parse_args()
    collect_rarely()  # as the command line does
    ctx, code, fetched = context(chosen.copies), 0, 0
    if chosen.definitions:
        from dataelec_assets.defs.build import build_definitions

        build_definitions(ctx).get_repository_def().load_all_definitions()
    else:
        from dataelec_assets.commands.refresh import run_refresh

        outcome = run_refresh([*chosen.ids, *copies(chosen.copies)] or None, ctx=ctx, quiet=True)
        code, fetched = outcome.exit_code, sum(row["fetched"] for row in outcome.sources)
    usages = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in usages)
    print(json.dumps({"cpu": round(cpu, 3), "imports": round(import_clock.spent(), 3), "fetched": fetched}))
    return code


if __name__ == "__main__":
    sys.exit(main())
