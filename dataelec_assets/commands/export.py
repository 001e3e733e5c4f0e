"""``dataelec export``: a publication into somebody's database, when its driver is installed."""

from __future__ import annotations

from collections.abc import Callable

from dataelec_assets.errors import SettingsError
from dataelec_assets.run_context import paths_of
from dataelec_assets.settings import load_settings


def run_export(uri: str, schema: str, say: Callable[[str], None]) -> None:
    """Bring a schema of PostgreSQL up to date with the publication, and say what was copied.

    Args:
        uri: of the database.
        schema: for the tables.
        say: prints one line.

    Raises:
        SettingsError: the environment or the address cannot be used, or the driver is not installed.
        DataElecError: nothing is published, or the server refuses; the schema is as it was.
    """
    try:
        from dataelec_assets.export.postgres import export, require_address, without_password
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("adbc_driver"):
            raise
        raise SettingsError(
            "`dataelec export` needs the driver of PostgreSQL, which is not installed.",
            advice="Run `pip install 'dataelec-assets[postgres]'`.",
        ) from error
    paths = paths_of(load_settings())
    from dataelec_assets.lake.served_copy import bring_served

    bring_served(paths)
    require_address(uri)
    say(f"Exporting to {without_password(uri)}, schema {schema} …")
    done = export(paths, uri, schema, say)
    rows = sum(done.copied.values())
    what = f"{rows:,} row(s) of {len(done.copied)} table(s) copied, {done.unchanged} table(s) unchanged"
    say(f"Publication {done.publication}: {what}. Views for BI tools: schema {schema}_vues.")
