"""What a bucket serves, for whoever only reads the DuckDB file: once, or as each publication comes."""

from __future__ import annotations

import logging
import threading

from dataelec_assets.errors import LakeError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.served_copy import fetch, on_this_machine, read_pointer
from dataelec_assets.lake.write_through import copy_of

# Seconds between two looks of a server at what is served: a publication takes minutes to make.
_LOOK = 30.0

_log = logging.getLogger(__name__)


def bring_served(paths: LakePaths) -> None:
    """Fetch what a bucket serves, for whoever only reads the DuckDB file.

    Raises:
        LakeError: the bucket does not answer.
    """
    copy = copy_of(paths)
    if copy is not None:
        current = read_pointer(copy.bucket)
        if current is not None and current.identifier != on_this_machine(paths):
            fetch(copy.bucket, paths, current, parquet=False)


def follow_served(paths: LakePaths) -> None:
    """Go on fetching what a bucket serves, in a thread of its own, for a server of the DuckDB file."""

    def follow() -> None:
        while not threading.Event().wait(_LOOK):
            try:
                bring_served(paths)
            except LakeError as error:
                # The publication that is here stays served.
                _log.warning("%s", error)

    if copy_of(paths) is not None:
        bring_served(paths)
        threading.Thread(target=follow, name="publications of the bucket", daemon=True).start()
