"""Error bodies of the Explore API, with the portal's own wording where a reply was recorded."""

from __future__ import annotations

from typing import Any


class PortalError(Exception):
    """A request that the portal refuses.

    Attributes:
        status: HTTP status.
        body: JSON object of the reply.
    """

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


def parameter_out_of_range(name: str, value: int | str, low: int, high: int) -> PortalError:
    """Return the reply to ``limit`` or ``offset`` out of range (wording recorded for ``limit``)."""
    message = f"Invalid value for {name} API parameter: {value} was found but {low} <= {name} <= {high} is expected."
    return PortalError(400, {"error_code": "InvalidRESTParameterError", "message": message})


def invalid_parameter(name: str, value: str, expected: str) -> PortalError:
    """Return the reply to any other unusable parameter (wording not recorded)."""
    message = f"Invalid value for {name} API parameter: {value} was found but {expected} is expected."
    return PortalError(400, {"error_code": "InvalidRESTParameterError", "message": message})


def odsql_error(message: str) -> PortalError:
    """Return the reply to a query that can be parsed but makes no sense."""
    return PortalError(400, {"error_code": "ODSQLError", "message": message})


def malformed(reason: str, clause: str) -> PortalError:
    """Return the semantic error of one clause."""
    return odsql_error(f"ODSQL query is malformed: {reason} Clause(s) containing the error(s): {clause}.")


def unknown_field(name: str, clause: str) -> PortalError:
    """Return the reply to a field that the data set does not have."""
    return malformed(f"Unknown field: {name}.", clause)


def syntax_error(unexpected: str, position: int, text: str) -> PortalError:
    """Return the reply to text that is no ODSQL; ``position`` counts characters from 0."""
    message = f"ODSQL syntax exception: unexpected {unexpected} at position {position} in {text}."
    return PortalError(400, {"error_code": "ODSQLSyntaxError", "message": message})


def unexpected_end(text: str) -> PortalError:
    """Return the reply to a clause that stops too early."""
    message = f"ODSQL syntax exception: unexpected end of line in {text}."
    return PortalError(400, {"error_code": "ODSQLSyntaxError", "message": message})


def unknown_dataset(dataset_id: str) -> PortalError:
    """Return the reply to a data set that the portal does not have."""
    message = f"The requested dataset {dataset_id} does not exist."
    return PortalError(404, {"error_code": "NotFoundResource", "message": message})


def not_found(path: str) -> PortalError:
    """Return the reply to any other address (body not recorded)."""
    message = f"The requested resource {path} does not exist."
    return PortalError(404, {"error_code": "NotFoundResource", "message": message})


def refusal(status: int, words: str) -> PortalError:
    """Return an error in the portal's own words, for portals that write them as plain text."""
    return PortalError(status, {"message": words})


def unauthorized() -> PortalError:
    """Return the reply to a private data set asked for without its key (body not recorded)."""
    message = "The requested dataset is private: a valid API key is required."
    return PortalError(401, {"error_code": "Unauthorized", "message": message})
