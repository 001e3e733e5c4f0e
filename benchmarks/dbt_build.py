"""A dbt command on a lake, as a refresh runs it: ``python -m benchmarks.dbt_build LAKE [--write-json] build …``."""

from __future__ import annotations

import sys
from pathlib import Path

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.dbt import run_dbt

if __name__ == "__main__":
    results = run_dbt(LakePaths(Path(sys.argv[1])), [*sys.argv[2:], "--exclude-resource-type", "unit_test"])
    sys.exit(any(result.is_broken for result in results))
