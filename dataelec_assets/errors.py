"""Every foreseeable fault, as one tree; each message says what happened, what was kept and what to do.

::

    DataElecError
    ├── SettingsError            an environment variable is wrong
    │   └── WrongUsage           a command was typed with a value that it cannot take
    ├── CannotListen             a server cannot have its port
    ├── FileRefused              a file given by the user cannot be treated
    ├── BusyError                another refresh holds the lake
    ├── Superseded               a step of a run that no longer holds the refresh
    ├── LakeError                the lake's own files are damaged or unreadable
    ├── SourceError              one data set of one portal could not be refreshed; the others go on
    │   ├── DatasetAbsent        the portal lacks it (404, 410)
    │   ├── RequestRejected      the portal refuses the request (400, 401, 403): retrying cannot help
    │   ├── QuotaExceeded        calls may resume at ``reset_at``
    │   ├── PortalUnreachable    no connection, time-out, or 5xx after all retries
    │   ├── DeadlinePassed       the source has used up its time in this refresh
    │   ├── UnexpectedContent    HTML or a JSON error where data was expected
    │   ├── IncompleteExport     broken stream, or fewer rows than the portal counts
    │   ├── ContentMismatch      the rows differ from those that the portal has just summed up
    │   ├── ContractViolation    the rows are not what the catalogue promises
    │   ├── ShrunkArrival        a partition has lost more than a quarter of its rows
    │   └── UnexpectedFault      a library or the machine raised something unforeseen
    └── WarehouseError           the dbt build failed, or a blocking check did
"""

from __future__ import annotations

from datetime import datetime


class DataElecError(Exception):
    """Base of all foreseeable faults: shown to the user without a stack trace."""

    advice = ""
    exit_code = 1

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if advice is not None:
            self.advice = advice

    def __str__(self) -> str:
        """Return the message followed by what to do next."""
        return f"{self.message} {self.advice}".strip()


class SettingsError(DataElecError):
    """An environment variable or an option has a value that cannot be used."""


class WrongUsage(SettingsError):
    """A command was typed with a value that it cannot take: an unknown id, no date, a range that is reversed."""

    exit_code = 2


class CannotListen(DataElecError):
    """A server cannot have the address or the port that it was given."""


class FileRefused(DataElecError):
    """A file that the user named cannot be read, treated or written; the message shows none of its content."""


class BusyError(DataElecError):
    """Another process is refreshing the same lake."""

    advice = "Wait for it to end, then run the command again; nothing was changed."


class Superseded(DataElecError):
    """A step came to its turn after its run had lost the refresh: its launcher was killed, and another run began."""

    advice = "This step did nothing; the refresh that holds the lake does the work."


class LakeError(DataElecError):
    """A file of the lake is missing, damaged or unreadable."""


class SourceError(DataElecError):
    """One data set could not be refreshed. What was loaded before is kept and stays served.

    Args:
        message: what happened; kept as ``what``.
        dataset_id: the data set.
        request: the URL or the part of the file concerned, when there is one.
    """

    advice = "The last good state is kept and stays served; run `dataelec refresh` again later."

    def __init__(self, message: str, *, dataset_id: str, request: str | None = None, advice: str | None = None) -> None:
        where = f" [{request}]" if request else ""
        super().__init__(f"{dataset_id}: {message}{where}", advice=advice)
        self.what = message
        self.dataset_id = dataset_id
        self.request = request


class DatasetAbsent(SourceError):
    """The portal says that it has no such data set."""

    advice = "Check the identifier in the catalogue and the portal's address; the other data sets are not affected."


class RequestRejected(SourceError):
    """The portal refuses the request; asking again would change nothing."""

    advice = "The request or the API key is wrong: `dataelec doctor` shows the settings in force."


class QuotaExceeded(SourceError):
    """The portal's quota of calls is used up."""

    def __init__(self, message: str, *, dataset_id: str, reset_at: datetime | None, request: str | None = None) -> None:
        when = f"after {reset_at.isoformat()}" if reset_at else "when the quota is renewed"
        super().__init__(
            message,
            dataset_id=dataset_id,
            request=request,
            advice=f"The last good state is kept and stays served; run `dataelec refresh` again {when}.",
        )
        self.reset_at = reset_at


class PortalUnreachable(SourceError):
    """The portal does not answer, or answers with server errors, after all retries."""


class DeadlinePassed(SourceError):
    """The portal answers too slowly for all of it to arrive in the time that one source has in a refresh."""

    advice = (
        "What arrived is kept, the last good state stays served, and the next refresh takes up from there; "
        "DATAELEC_SOURCE_DEADLINE (seconds) gives a source more time."
    )


class UnexpectedContent(SourceError):
    """The portal answers 200 with something other than data (maintenance page, error object)."""


class IncompleteExport(SourceError):
    """The body is shorter than announced or counted."""


class ContentMismatch(SourceError):
    """The rows, whatever their number, differ from those that the portal has just summed up."""

    advice = (
        "Nothing of this arrival was kept; the last good state stays served. A cache on the way may still hold an old "
        "export: run `dataelec refresh` again later."
    )


class ContractViolation(SourceError):
    """The rows break the catalogue's contract: missing column, unreadable value, unknown region, empty export."""

    advice = (
        "Nothing of this arrival was kept; the last good state stays served. If the publisher changed the data set, "
        "update its entry in dataelec_assets/catalog/entries/ (docs/runbooks.md)."
    )

    def __init__(self, message: str, *, dataset_id: str, column: str | None = None, request: str | None = None) -> None:
        super().__init__(message, dataset_id=dataset_id, request=request)
        self.column = column


class ShrunkArrival(SourceError):
    """A partition has lost so many rows that it looks like a mistake of the publisher."""

    def __init__(self, message: str, *, dataset_id: str) -> None:
        super().__init__(
            message,
            dataset_id=dataset_id,
            advice=(
                "The last good state is kept and stays served. If the publisher meant it, run "
                f"`dataelec refresh --source {dataset_id} --accept-shrink`."
            ),
        )


class UnexpectedFault(SourceError):
    """A parser, an archive, the disk or the program itself failed; only this source is affected."""


class WarehouseError(DataElecError):
    """The warehouse could not be built, or a blocking check failed; the served file is unchanged."""
