"""The documentation that dbt writes of its project, as one page to open or to send."""

from __future__ import annotations

from pathlib import Path

from dataelec_assets.errors import WarehouseError
from dataelec_assets.lake.atomic_files import move_into_place
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.dbt import run_dbt, target_dir
from dataelec_assets.warehouse.project import PROJECT_DIR


def write_docs_site(ctx: RunContext, target: Path | None = None) -> Path:
    """Write models, columns, tests, compiled SQL and lineage as one page without external requests.

    Args:
        ctx: settings and folders; the warehouse must have been built, columns are read from it.
        target: file to write; None is ``dbt-docs.html`` beside the served file.

    Returns:
        The path of the page. It names no folder of this machine.

    Raises:
        BusyError: a refresh holds the lake for longer than the wait.
        WarehouseError: there is no warehouse yet, or dbt could not write the page.
    """
    if not ctx.paths.warehouse.exists():
        raise WarehouseError(
            f"There is no warehouse at {ctx.paths.warehouse} to document.",
            advice="Run `dataelec refresh` (or `dataelec demo`) first.",
        )
    made = target_dir(ctx.paths) / "static_index.html"
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        made.unlink(missing_ok=True)
        run_dbt(ctx.paths, ["--write-json", "docs", "generate", "--static"])
        if not made.exists():
            raise WarehouseError(
                "dbt made no documentation.", advice=f"The log is {target_dir(ctx.paths) / 'dbt.log'}."
            )
        page = made.read_text(encoding="utf-8")
    for folder, name in ((PROJECT_DIR, "dbt"), (ctx.paths.root.resolve(), "lake"), (ctx.paths.root, "lake")):
        page = page.replace(str(folder), name)
    place = target or ctx.paths.served_file.with_name("dbt-docs.html")
    place.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, which may be on another disk than the lake.
    draft = place.with_name(f".{place.name}.part")
    draft.write_text(page, encoding="utf-8")
    move_into_place(draft, place)
    return place
