"""Whatever a library raises while one source is handled ends with that source."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from dataelec_assets.catalog import Dataset
from dataelec_assets.disk import FULL
from dataelec_assets.errors import DataElecError, UnexpectedFault

_log = logging.getLogger(__name__)


@contextmanager
def contained(dataset: Dataset, doing: str) -> Iterator[None]:
    """Turn what is not ours into a fault of the source; our own faults, Ctrl-C and the end of the process pass.

    Args:
        dataset: the source that is handled.
        doing: what is done, as the beginning of a sentence: ``"reading 2019-03"``.

    Raises:
        UnexpectedFault: something else than a fault of ours was raised. A fault of the machine, such as a full disk,
            takes one line; for any other the log has the stack trace, since it is to be mended in the program.
    """
    try:
        yield
    except DataElecError:
        raise
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise UnexpectedFault(
            f"{doing} failed: {error.strerror or error}{where}.", dataset_id=dataset.id, advice=_advice(dataset, error)
        ) from error
    except Exception as error:
        _log.exception("%s: %s failed", dataset.id, doing)
        first = (str(error).strip() or "without a word").splitlines()[0]
        raise UnexpectedFault(
            f"{doing} failed: {type(error).__name__}: {first}.",
            dataset_id=dataset.id,
            advice=f"The last good state is kept and stays served. Run `dataelec refresh --source {dataset.id}`; if it "
            "fails again, report it with the stack trace of the log.",
        ) from error


def _advice(dataset: Dataset, error: OSError) -> str:
    remedy = "Free some space on the disk" if error.errno in FULL else "Mend that"
    return f"The last good state is kept and stays served. {remedy}, then run `dataelec refresh --source {dataset.id}`."
