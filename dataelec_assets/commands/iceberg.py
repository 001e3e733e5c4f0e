"""``dataelec iceberg``: a publication as Iceberg tables, when the library for them is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dataelec_assets.errors import SettingsError
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings


def run_iceberg(keep: int, say: Callable[[str], None]) -> tuple[dict[str, Any], list[str]]:
    """Bring the catalogue up to date; return the result for programs, and what to say of it.

    Args:
        keep: how many publications can be read.
        say: prints one line.

    Raises:
        SettingsError: the environment cannot be used, the lake is in a bucket, or the library is not installed.
        DataElecError: nothing is published, or the catalogue cannot be reached; no table is half done.
    """
    ctx = RunContext(load_settings())
    if ctx.settings.bucket is not None:
        raise SettingsError(
            f"{ctx.settings.bucket} is a bucket: only the files of a lake in a folder can be registered.",
            advice="Readers of Parquet find the publication by its address (docs/howto/buckets.md).",
        )
    try:
        from dataelec_assets.export.iceberg.register import register
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pyiceberg", "sqlalchemy"):
            raise
        raise SettingsError(
            "`dataelec iceberg` needs pyiceberg, which is not installed.",
            advice="Run `pip install 'dataelec-assets[iceberg]'`.",
        ) from error
    done = register(ctx, keep, say)
    renewed = sum(each.is_new_snapshot for each in done.tables.values())
    what = f"{renewed} table(s) with a new snapshot, {len(done.tables) - renewed} as they were"
    lines = [f"Publication {done.publication} in {done.catalogue}: {what}."]
    if done.is_lake_ahead:
        lines.append(
            "The lake is ahead of the publication: its copies have no tag of it. `dataelec refresh` publishes them."
        )
    if done.retired:
        lines.append(f"No more: {', '.join(done.retired)}; older publications still show them.")
    if done.swept:
        lines.append(f"{done.swept} file(s) that no kept publication names were removed.")
    tables = [
        {
            "table": name,
            "snapshot": (snapshot := each.table.current_snapshot()) and snapshot.snapshot_id,
            "metadata": each.table.metadata_location,
            "added": each.added,
            "removed": each.removed,
        }
        for name, each in done.tables.items()
    ]
    return {
        "publication": done.publication,
        "catalogue": done.catalogue,
        "is_lake_ahead": done.is_lake_ahead,
        "tables": tables,
        "retired": list(done.retired),
        "swept": done.swept,
    }, lines
