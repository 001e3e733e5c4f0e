"""The documentation that dbt makes of its project, as one page to open or to send."""

from __future__ import annotations

from pathlib import Path

from dataelec_assets.errors import WarehouseError
from dataelec_assets.house import House
from dataelec_assets.lake.files import exclusive, move_into_place
from dataelec_assets.warehouse.dbt import run_dbt, target_dir
from dataelec_assets.warehouse.project import PROJECT_DIR


def write_docs_site(house: House, target: Path | None = None) -> Path:
    """Write models, columns, tests, compiled SQL and lineage as one page without external requests.

    Args:
        house: settings and folders; the warehouse must have been built, columns are read from it.
        target: file to write; None is ``dbt-docs.html`` beside the served file.

    Returns:
        The path of the page. It names no folder of this machine.

    Raises:
        BusyError: a refresh holds the lake for longer than the wait.
        WarehouseError: there is no warehouse yet, or dbt could not make the page.
    """
    if not house.paths.warehouse.exists():
        raise WarehouseError(
            f"There is no warehouse at {house.paths.warehouse} to document.",
            advice="Run `dataelec refresh` (or `dataelec demo`) first.",
        )
    made = target_dir(house.paths) / "static_index.html"
    with exclusive(house.paths, wait_seconds=house.lock_wait_seconds):
        made.unlink(missing_ok=True)
        run_dbt(house.paths, ["--write-json", "docs", "generate", "--static"])
        if not made.exists():
            raise WarehouseError(
                "dbt made no documentation.", advice=f"The log is {target_dir(house.paths) / 'dbt.log'}."
            )
        page = made.read_text(encoding="utf-8")
    for folder, name in ((PROJECT_DIR, "dbt"), (house.paths.root.resolve(), "lake"), (house.paths.root, "lake")):
        page = page.replace(str(folder), name)
    place = target or house.paths.served_file.with_name("dbt-docs.html")
    place.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, which may be on another disk than the lake.
    draft = place.with_name(f".{place.name}.part")
    draft.write_text(page, encoding="utf-8")
    move_into_place(draft, place)
    return place
