"""dagster-dbt as it is where dbt-core is not installed: it then makes assets from the manifest alone.

It imports dbt for a handful of names and to select "all nodes", and runs none of it here. That took 1.5 of the 5
CPU-seconds of loading the definitions, for each process of Dagster. dbt is imported by the first command that builds
(`warehouse/runner.py`). A process that has dbt already gets the same assets (docs/decisions/0041).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# What dagster-dbt looks for to find out whether dbt-core is there.
_SIGN = "dbt.version"


@contextmanager
def _hidden() -> Iterator[None]:
    """Let Python say of dbt that it is not there, unless it has been imported."""
    modules: dict[str, Any] = sys.modules
    if _SIGN in modules:
        yield
        return
    modules[_SIGN] = None
    try:
        yield
    finally:
        del modules[_SIGN]


with _hidden():
    from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

__all__ = ["DagsterDbtTranslator", "DbtProject", "dbt_assets"]
