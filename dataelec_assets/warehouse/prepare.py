"""What `make setup` makes once for all lakes, and a wheel brings: the parse of the dbt project, the empty warehouse."""

from pathlib import Path
from tempfile import TemporaryDirectory

from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import build_warehouse
from dataelec_assets.warehouse.parse import ensure_parse


def prepare() -> Path:
    """Make both, where they are missing; return the folder that has them.

    Raises:
        WarehouseError: the project does not parse, or a lake without rows cannot be built.
    """
    with TemporaryDirectory() as folder:
        ctx = RunContext(Settings(lake=Path(folder)))
        build_warehouse(ctx)
        return ensure_parse(ctx.paths).folder


if __name__ == "__main__":
    prepare()
