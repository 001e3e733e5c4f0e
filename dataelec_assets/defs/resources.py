"""Resources: what assets and jobs are given. No asset logic here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource

from dataelec_assets.database import MEMORY_LIMIT, connect
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.ingest.session import Session
from dataelec_assets.portals.progress import Progress
from dataelec_assets.run_context import RunContext


class DuckDB(DuckDBResource):
    """A DuckDB file, opened as everywhere in this project: instants in one time zone, memory bounded.

    dagster-duckdb hands ``connection_config`` to DuckDB before its time zones are loaded, so the zone is a field of its
    own. dbt opens the warehouse by its profile, with the same values.
    """

    time_zone: str = "UTC"
    memory_limit: str = MEMORY_LIMIT
    read_only: bool = True

    @contextmanager
    def get_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file and close it again.

        Raises:
            duckdb.Error: it cannot be opened.
        """
        config = {**self.connection_config, "memory_limit": self.memory_limit}
        with connect(
            Path(self.database), read_only=self.read_only, time_zone=self.time_zone, config=config
        ) as connection:
            yield connection


def resources(
    ctx: RunContext,
    *,
    progress: Progress | None = None,
    known: Mapping[str, Observation] | None = None,
    is_locked: bool = False,
    on_workers: bool = False,
) -> dict[str, object]:
    """Return the resources by key.

    Args:
        ctx: settings, catalogue and lake.
        progress: where downloads show their advance; None: nowhere.
        known: what the portals have just told the command that starts a run, by data set; others are asked by the run.
        is_locked: whether the process holds the lock of refreshes already.
        on_workers: whether each step of a run is a process of its own, on whichever machine.
    """

    @dg.resource(description="Les verrous du lac et les téléchargements simultanés d'une exécution.")
    def session(context: dg.InitResourceContext) -> Iterator[Session]:
        opened = Session(ctx, progress, is_locked=is_locked, run=context.run_id if on_workers else None)
        try:
            yield opened
        finally:
            opened.close()

    return {
        "ctx": ctx,
        "known": dict(known or {}),
        "session": session,
        "warehouse": DuckDB(database=str(ctx.paths.warehouse)),
        "served": DuckDB(database=str(ctx.paths.served_file)),
    }
