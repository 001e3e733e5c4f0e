"""The catalogue: an SQLite file beside the tables, or a database of PostgreSQL that several machines reach."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from sqlalchemy.exc import SQLAlchemyError

from dataelec_assets.disk import writable
from dataelec_assets.errors import BusyError, DataElecError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.settings import Secret

# A database may hold several catalogues.
NAME = "dataelec"


def shown_address(paths: LakePaths, address: Secret | None) -> str:
    """Return where the catalogue is, without the password."""
    if address is None:
        return str(paths.root / "iceberg" / "catalogue.db")
    parts = urlsplit(address.get_secret_value())
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{parts.netloc.rpartition('@')[2]}{parts.path}"


@contextmanager
def opened(paths: LakePaths, address: Secret | None) -> Iterator[SqlCatalog]:
    """Open the catalogue, and make it when it is not there.

    Args:
        paths: folders of the lake; the tables lie in ``iceberg/``.
        address: of a database, as ``postgresql://user:password@host/base``; None: an SQLite file beside the tables.

    Raises:
        DataElecError: the database cannot be reached or refuses; the message has no password.
        BusyError: somebody else has written to the same table meanwhile.
    """
    where, folder = shown_address(paths, address), paths.root / "iceberg"
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if address is None:
        uri = f"sqlite:///{where}"
    else:
        # Without the driver's name, SQLAlchemy takes another one from version 2.1 on.
        uri = "postgresql+psycopg2://" + address.get_secret_value().partition("://")[2]
    try:
        catalog = SqlCatalog(NAME, uri=uri, warehouse=str(folder))
        try:
            yield catalog
        finally:
            catalog.close()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        password = urlsplit(address.get_secret_value()).password if address is not None else None
        raise DataElecError(
            f"The catalogue {where}: {reason.replace(password, '…') if password else reason}.",
            advice="No table is half done. Correct the address or the database and run `dataelec iceberg` again.",
        ) from error
    except CommitFailedException as error:
        raise BusyError(f"Another program has written to a table of {where}: {error}.") from error
