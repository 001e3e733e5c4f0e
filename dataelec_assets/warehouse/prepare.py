"""What `make setup` prepares so that no first refresh waits: the parse of the dbt project, then the empty warehouse."""

from pathlib import Path
from tempfile import TemporaryDirectory

from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import build_warehouse

if __name__ == "__main__":
    with TemporaryDirectory() as lake:
        build_warehouse(RunContext(Settings(lake=Path(lake))))
